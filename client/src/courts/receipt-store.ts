import { receiptId } from '@teahouse/protocol/receipts'
import type { Hex } from 'viem'
import { StorageError, type KeyValueStore } from '../storage/store.ts'
import { CourtError } from './errors.ts'
import { readReceipt, writeReceipt, type KeptReceipt } from './receipt-text.ts'

export type ReceiptStore = ReturnType<typeof receiptStore>

export const RECEIPTS = 'receipts/'

/** The receipts of an account, by their ids, in the folder `receipts/` of its sealed store. */
export function receiptStore(storage: KeyValueStore) {
  async function find(id: Hex): Promise<KeptReceipt | undefined> {
    const key = RECEIPTS + id.toLowerCase()
    const stored = await storage.get(key)
    if (!stored) return undefined
    try {
      return readReceipt(stored.value)
    } catch (cause) {
      throw new StorageError('A receipt is damaged', { code: 'CORRUPT', key }, { cause })
    }
  }

  return {
    /** On disk when it resolves. */
    put: (kept: KeptReceipt): Promise<void> =>
      storage.set(RECEIPTS + receiptId(kept.receipt), writeReceipt(kept)),
    find,
    /** Throws CourtError UNKNOWN_RECEIPT, StorageError CORRUPT. */
    async get(id: Hex): Promise<KeptReceipt> {
      const kept = await find(id)
      if (kept) return kept
      throw new CourtError(`There is no receipt ${id}`, { code: 'UNKNOWN_RECEIPT', id })
    },
    async list(): Promise<KeptReceipt[]> {
      const ids = (await storage.keys(RECEIPTS)).map((key) => key.slice(RECEIPTS.length) as Hex)
      const found = await Promise.all(ids.map(find))
      return found.filter((kept) => kept !== undefined)
    },
    remove: async (id: Hex): Promise<void> => void (await storage.delete(RECEIPTS + id.toLowerCase())),
  }
}
