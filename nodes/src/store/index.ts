export { archive, ARCHIVE_MIGRATIONS, type Archive, type ArchiveDeps, type PutResult } from './archive.ts'
export { QueryError, type Criteria, type Page, type PageRequest, type StoredMessage } from './criteria.ts'
export { store, StoreConfig, type StoreDeps } from './store.ts'
