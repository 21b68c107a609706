export { openDatabase } from './database.ts'
export { StorageError, type StorageErrorDetail } from './errors.ts'
export { inTransaction } from './transaction.ts'
