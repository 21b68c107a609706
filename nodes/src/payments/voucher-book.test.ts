import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../storage/index.ts'
import { VOUCHER_MIGRATIONS, voucherBook, type VoucherBook } from './voucher-book.ts'

const PAYER = `0x${'Aa'.repeat(20)}` as const
const voucher = (cumulative: bigint, epoch = 1n) =>
  ({ payer: PAYER, epoch, cumulative, signature: '0x01', peerId: 'peer' }) as const

let book: VoucherBook
beforeEach(() => {
  book = voucherBook(openDatabase(':memory:', VOUCHER_MIGRATIONS))
})

describe('voucherBook', () => {
  it('credits the increase, and nothing for what is not more', () => {
    expect(book.enter(voucher(10n))).toEqual({ increase: 10n })
    expect(book.enter(voucher(10n))).toBeUndefined()
    expect(book.enter(voucher(9n))).toBeUndefined()
    expect(book.enter(voucher(15n))).toEqual({ increase: 5n })
    expect(book.credit(PAYER)).toBe(15n)
  })

  it('credits nothing up to what was paid out', () => {
    expect(book.enter(voucher(10n), 10n)).toBeUndefined()
    expect(book.enter(voucher(12n), 10n)).toEqual({ increase: 2n })
    expect(book.enter(voucher(15n), 10n)).toEqual({ increase: 3n })
    expect(book.credit(PAYER)).toBe(5n)
  })

  it('knows a payer however its address is written', () => {
    book.enter(voucher(10n))
    expect(book.credit(PAYER.toLowerCase() as typeof PAYER)).toBe(10n)
  })

  it('spends what is there, whole or not at all', () => {
    book.enter(voucher(10n))
    expect([book.spend(PAYER, 7n), book.spend(PAYER, 7n), book.spend(PAYER, 3n)]).toEqual([true, false, true])
    expect(book.credit(PAYER)).toBe(0n)
  })

  it('keeps credit over an epoch of the channel, whose totals begin again', () => {
    book.enter(voucher(10n))
    book.enter(voucher(4n, 2n))
    expect(book.credit(PAYER)).toBe(14n)
    book.setVoid(PAYER, 1n, true)
    expect(book.open().map(({ epoch }) => epoch)).toEqual([1n, 2n])
    book.close(voucher(10n))
    expect(book.open().map(({ epoch }) => epoch)).toEqual([2n])
    expect(book.totals()).toMatchObject({ credited: 14n, collected: 0n, pending: 4n })
  })

  it('counts what is owed for a channel again whose end was undone', () => {
    book.enter(voucher(10n))
    book.setVoid(PAYER, 1n, true)
    expect(book.totals()).toMatchObject({ pending: 0n })
    book.setVoid(PAYER, 1n, false)
    expect(book.totals()).toMatchObject({ pending: 10n })
  })

  it('gives no credit for what a channel that was closed does not pay, and again when that is undone', () => {
    book.enter(voucher(10n))
    book.setCollected(PAYER, 1n, 2n)
    book.spend(PAYER, 5n)
    for (let look = 0; look < 2; look++) book.setVoid(PAYER, 1n, true)
    expect(book.credit(PAYER)).toBe(0n)
    expect(book.spend(PAYER, 1n)).toBe(false)
    expect(book.totals()).toEqual({ credited: 10n, spent: 5n, collected: 2n, pending: 0n, lost: 8n })
    book.setVoid(PAYER, 1n, false)
    expect(book.credit(PAYER)).toBe(5n)
    expect(book.totals()).toMatchObject({ pending: 8n, lost: 0n })
  })

  it('revokes no more than is lost, and does not hold it against another epoch', () => {
    book.enter(voucher(10n))
    book.setCollected(PAYER, 1n, 7n)
    book.setVoid(PAYER, 1n, true)
    expect(book.credit(PAYER)).toBe(7n) // that much the chain has paid
    book.spend(PAYER, 7n)
    book.enter(voucher(4n, 2n))
    expect(book.credit(PAYER)).toBe(4n)
    book.spend(PAYER, 4n)
    book.setVoid(PAYER, 2n, true)
    book.enter(voucher(3n, 3n))
    expect(book.credit(PAYER)).toBe(3n) // what was served in vain is no debt
  })

  it('lists what is not closed; a greater voucher opens an account again, and is not closed with the smaller', () => {
    book.enter(voucher(10n))
    book.setCollected(PAYER, 1n, 10n)
    expect(book.open()).toHaveLength(1)
    book.close(voucher(10n))
    expect(book.open()).toEqual([])
    book.enter(voucher(12n))
    book.close(voucher(10n))
    expect(book.open()).toMatchObject([{ cumulative: 12n, collected: 10n }])
    expect(book.totals()).toMatchObject({ credited: 12n, collected: 10n, pending: 2n })
  })

  it('notes which total was sent to the chain; a larger one has not been', () => {
    book.enter(voucher(10n))
    book.setPublished(PAYER, 1n, 10n)
    expect(book.voucher(PAYER, 1n)).toMatchObject({ published: true })
    book.enter(voucher(11n))
    expect(book.voucher(PAYER, 1n)).toMatchObject({ published: false })
  })

  it('never lets more be spent than the highest total, in whatever order vouchers come', () => {
    const amount = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n })
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 8 }), fc.array(amount, { maxLength: 8 }), (totals, costs) => {
        const fresh = voucherBook(openDatabase(':memory:', VOUCHER_MIGRATIONS))
        for (const total of totals) fresh.enter(voucher(total))
        const spent = costs.filter((cost) => fresh.spend(PAYER, cost)).reduce((sum, cost) => sum + cost, 0n)
        const highest = totals.reduce((max, total) => (total > max ? total : max), 0n)
        expect(fresh.credit(PAYER)).toBe(highest - spent)
        expect(spent <= highest).toBe(true)
      }),
      { numRuns: 30 },
    )
  })
})
