export { diskBudget, isOutOfRoom, type DiskBudget, type DiskUse, type Room } from './disk-budget.ts'
export { openDatabase } from './database.ts'
export { StorageError, type StorageErrorDetail } from './errors.ts'
export { inTransaction } from './transaction.ts'
