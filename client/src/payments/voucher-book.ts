import type { Address } from 'viem'
import { StorageError, type KeyValueStore, type Stored } from '../storage/store.ts'

/** The most that was ever signed for a payee, in one epoch of the channel. */
export interface BookEntry {
  readonly epoch: bigint
  readonly cumulative: bigint
}

/** Every key of a voucher book starts with it. */
export const VOUCHERS = 'voucher/'

export type VoucherBook = ReturnType<typeof voucherBook>

/** What this account has signed, on disk before any signature leaves. */
export function voucherBook(storage: KeyValueStore, scope: string) {
  const keyOf = (payee: Address) => `${VOUCHERS}${scope}/${payee.toLowerCase()}`

  return {
    /** What is signed in `epoch`; nothing is known of other epochs. */
    async signed(payee: Address, epoch: bigint): Promise<bigint> {
      const entry = readEntry(keyOf(payee), await storage.get(keyOf(payee)))
      return entry?.epoch === epoch ? entry.cumulative : 0n
    },
    /**
     * Adds `amount` to what is signed, counted from at least `floor` (what the chain has already paid out).
     * Returns the new total, which is on disk.
     */
    async add(
      payee: Address,
      { epoch, amount, floor }: { epoch: bigint; amount: bigint; floor: bigint },
    ): Promise<bigint> {
      const key = keyOf(payee)
      const text = await storage.update(key, (old) => {
        const entry = readEntry(key, old)
        const signed = entry?.epoch === epoch ? entry.cumulative : 0n
        return `${epoch} ${(signed > floor ? signed : floor) + amount}`
      })
      return readEntry(key, { value: text, native: true })!.cumulative
    },
  }
}

/** Throws StorageError CORRUPT. */
export function readEntry(key: string, stored: Stored | undefined): BookEntry | undefined {
  if (!stored) return undefined
  const [, epoch, cumulative] = /^(\d{1,20}) (\d{1,39})$/.exec(stored.value) ?? []
  if (epoch === undefined || cumulative === undefined) {
    throw new StorageError('The voucher book is damaged', { code: 'CORRUPT', key })
  }
  return { epoch: BigInt(epoch), cumulative: BigInt(cumulative) }
}
