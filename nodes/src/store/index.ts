export { archive, ARCHIVE_MIGRATIONS, type Archive, type ArchiveDeps, type PutResult } from './archive.ts'
export type { Criteria, Page, PageRequest, StoredMessage } from './criteria.ts'
export { store, StoreConfig, type StoreDeps } from './store.ts'
