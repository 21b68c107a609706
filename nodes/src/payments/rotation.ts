import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { openDatabase } from '../storage/index.ts'
import { VOUCHER_MIGRATIONS, voucherBook } from './voucher-book.ts'

/** What vouchers are worth that a stopped node has not collected, in the token's smallest unit. Throws StorageError. */
export const pendingVouchers = (dataDir: string): bigint =>
  withBook(dataDir, 0n, (db) => voucherBook(db).totals().pending)

/**
 * Begins a new book of vouchers, for another payee: its channels count from zero, so a voucher of the old one would stand in the way of all
 * new ones. What payers have paid and not yet used stays theirs. Throws StorageError.
 */
export const beginPayee = (dataDir: string): void =>
  withBook(dataDir, undefined, (db) => db.exec('DELETE FROM vouchers'))

function withBook<T>(dataDir: string, without: T, task: (db: DatabaseSync) => T): T {
  const path = join(dataDir, 'vouchers.sqlite')
  if (!existsSync(path)) return without
  const db = openDatabase(path, VOUCHER_MIGRATIONS)
  try {
    return task(db)
  } finally {
    db.close()
  }
}
