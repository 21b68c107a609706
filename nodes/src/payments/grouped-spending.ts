import type { Address } from 'viem'
import type { VoucherBook } from './voucher-book.ts'

/** Uses credit up in groups: what comes within one turn of the event loop is one commit to disk. */
export interface GroupedSpending {
  /** What the payer can still use, without what is on its way to the disk. */
  credit(payer: Address): bigint
  /** Takes `amount` at once; on disk when it resolves. Undefined, and nothing happens, when there is not enough. */
  spend(payer: Address, amount: bigint): Promise<void> | undefined
}

export function groupedSpending(book: Pick<VoucherBook, 'credit' | 'spendAll'>): GroupedSpending {
  let waiting = new Map<Address, bigint>()
  let commit: Promise<void> | undefined

  async function write(): Promise<void> {
    await new Promise((resolve) => void setImmediate(resolve))
    const group = waiting
    waiting = new Map()
    commit = undefined
    book.spendAll(group)
  }

  const credit = (payer: Address) => book.credit(payer) - (waiting.get(key(payer)) ?? 0n)

  return {
    credit,
    spend(payer, amount) {
      if (credit(payer) < amount) return undefined
      waiting.set(key(payer), (waiting.get(key(payer)) ?? 0n) + amount)
      return (commit ??= write())
    },
  }
}

const key = (payer: Address) => payer.toLowerCase() as Address
