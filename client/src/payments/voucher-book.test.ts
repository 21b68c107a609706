import fc from 'fast-check'
import type { Address } from 'viem'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../storage/store.ts'
import { voucherBook } from './voucher-book.ts'

const PAYEE: Address = `0x${'2'.repeat(40)}`

describe('the voucher book', () => {
  it('adds up, by payee and epoch, over restarts', async () => {
    const storage = memoryStore()
    const add = (epoch: bigint, amount: bigint, floor = 0n) =>
      voucherBook(storage, 's').add(PAYEE, { epoch, amount, floor })
    expect(await add(1n, 10n)).toBe(10n)
    expect(await add(1n, 5n)).toBe(15n)
    expect(await voucherBook(storage, 's').signed(PAYEE.toUpperCase().replace('X', 'x') as Address, 1n)).toBe(
      15n,
    )
    expect(await voucherBook(storage, 'other').signed(PAYEE, 1n)).toBe(0n)
    expect(await add(2n, 3n)).toBe(3n)
    expect(await voucherBook(storage, 's').signed(PAYEE, 1n)).toBe(0n)
  })

  it('never signs for less than before, nor for less than the chain paid out', async () => {
    const step = fc.record({
      amount: fc.bigInt({ min: 1n, max: 100n }),
      floor: fc.bigInt({ min: 0n, max: 1_000n }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step), async (steps) => {
        const book = voucherBook(memoryStore(), 's')
        let last = 0n
        for (const { amount, floor } of steps) {
          const total = await book.add(PAYEE, { epoch: 1n, amount, floor })
          expect(total).toBe((last > floor ? last : floor) + amount)
          last = total
        }
      }),
    )
  })

  it('refuses a damaged record', async () => {
    const storage = memoryStore()
    await storage.set(`voucher/s/${PAYEE}`, 'x')
    await expect(voucherBook(storage, 's').signed(PAYEE, 1n)).rejects.toMatchObject({ code: 'CORRUPT' })
  })
})
