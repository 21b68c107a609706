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
  evidence: Omit<EvidenceDeps, 'ask'> & { readonly ask: (maxBytes: number) => EvidenceDeps['ask'] },
): Courts =>
  loadedLater(async () => {
    const [{ createCourts }, { evidenceBook }, { MAX_ROOT_ANSWER_BYTES }] = await Promise.all([
      import('./courts.ts'),
      import('./evidence.ts'),
      import('@teahouse/protocol/receipts'),
    ])
    const ask = evidence.ask(MAX_ROOT_ANSWER_BYTES)
    return createCourts({ ...deps, evidence: evidenceBook({ ...evidence, ask }) })
  })
