import { loadedLater } from '../loaded-later.ts'
import type { Courts, CourtsDeps } from './courts.ts'
import type { EvidenceDeps } from './evidence.ts'
import type { ReceiptStore } from './receipt-store.ts'
import type { KeyValueStore } from '../storage/store.ts'

/** The receipts of an account, in a store of its own; loaded with the first that is kept. */
export const receiptsLater = (storage: KeyValueStore): ReceiptStore =>
  loadedLater(async () => (await import('./receipt-store.ts')).receiptStore(storage))

/** What `createCourts` gives, its code loaded with the first call. */
export const courtsLater = (
  deps: Omit<CourtsDeps, 'evidence'>,
  evidence: EvidenceDeps,
): Courts =>
  loadedLater(async () => {
    const [{ createCourts }, { evidenceBook }] = await Promise.all([
      import('./courts.ts'),
      import('./evidence.ts'),
    ])
    return createCourts({ ...deps, evidence: evidenceBook(evidence) })
  })
