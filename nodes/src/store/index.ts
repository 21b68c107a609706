export { archive, type Archive, type ArchiveUse, type PutResult } from './archive.ts'
export { QueryError, type Criteria, type Page, type PageRequest, type StoredMessage } from './criteria.ts'
export type { ArchiveEngine, Pruned, PruneLimits, Range, Totals } from './engine.ts'
export { ArchiveError, type ArchiveErrorDetail } from './errors.ts'
export { type MessageKey } from './keys.ts'
export { DatabaseConfig, openArchive, openEngine, type OpenArchiveDeps } from './open-archive.ts'
export { switchedEngine, type SwitchedEngine } from './switched-engine.ts'
export { store, StoreConfig, type StoreDeps } from './store.ts'
export {
  exportArchive,
  importArchive,
  verifyArchive,
  verifyExport,
  type Imported,
} from './transfer/transfer.ts'
export { TransferError, type TransferErrorDetail } from './transfer/errors.ts'
