import { describe, expect, it } from 'vitest'
import { openDatabase } from '../storage/index.ts'
import { groupedSpending } from './grouped-spending.ts'
import { VOUCHER_MIGRATIONS, voucherBook } from './voucher-book.ts'

const [A, B] = [`0x${'aa'.repeat(20)}`, `0x${'bb'.repeat(20)}`] as const

function opened() {
  const book = voucherBook(openDatabase(':memory:', VOUCHER_MIGRATIONS))
  let commits = 0
  const counted = {
    ...book,
    spendAll: (group: ReadonlyMap<`0x${string}`, bigint>) => (commits++, book.spendAll(group)),
  }
  for (const payer of [A, B])
    book.enter({ payer, epoch: 1n, cumulative: 10n, signature: '0x', peerId: 'peer' })
  return { book, spending: groupedSpending(counted), commits: () => commits }
}

describe('groupedSpending', () => {
  it('writes what comes together once, and gives no unit twice', async () => {
    const { book, spending, commits } = opened()
    const spent = [spending.spend(A, 6n), spending.spend(A, 6n), spending.spend(A, 4n), spending.spend(B, 1n)]
    expect(spent.map((one) => one !== undefined)).toEqual([true, false, true, true])
    expect([spending.credit(A), book.credit(A)]).toEqual([0n, 10n])
    await Promise.all(spent.filter((one) => one !== undefined))
    expect([book.credit(A), book.credit(B), commits()]).toEqual([0n, 9n, 1])
    await spending.spend(B, 9n)
    expect([book.credit(B), commits()]).toEqual([0n, 2])
  })

  it('serves nobody of a group that can not be written, and takes nothing', async () => {
    const { book } = opened()
    const broken = {
      ...book,
      spendAll: () => {
        throw new Error('disk full')
      },
    }
    const spending = groupedSpending(broken)
    const spent = [spending.spend(A, 1n), spending.spend(B, 1n)]
    for (const one of spent) await expect(one).rejects.toThrow('disk full')
    expect([spending.credit(A), book.credit(A)]).toEqual([10n, 10n])
  })
})
