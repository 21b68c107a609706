import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { TeahouseError } from '@teahouse/protocol/errors'
import { lockDataDir } from '../chain/guard.ts'
import { inTransaction, openDatabase } from '../storage/index.ts'
import { VOUCHER_MIGRATIONS, voucherBook } from './voucher-book.ts'

/** Vouchers that are not collected pay the present payee only. */
export class PayeeError extends TeahouseError<{
  readonly code: 'VOUCHERS_PENDING'
  readonly pending: bigint
}> {}

/** What vouchers are worth that a stopped node has not collected, in the token's smallest unit. Throws StorageError. */
export const pendingVouchers = (dataDir: string): bigint =>
  withBook(dataDir, 0n, (db) => voucherBook(db).totals().pending)

/**
 * Begins a new book of vouchers, for another payee, once `change` has named it on chain. The
 * channels of a payee count from zero, so a voucher of the old one would stand in the way of all new ones. What payers have paid and not yet used stays theirs.
 * The folder is locked meanwhile. Throws StorageError LOCKED while the node runs, PayeeError VOUCHERS_PENDING, and what `change` throws.
 */
export async function beginPayee<T>(dataDir: string, change: () => Promise<T>): Promise<T> {
  const locked = await lockDataDir(dataDir)
  try {
    withBook(dataDir, undefined, requireCollected)
    const changed = await change()
    withBook(dataDir, undefined, (db) => inTransaction(db, () => beginBook(db)))
    return changed
  } finally {
    locked.release()
  }
}

function beginBook(db: DatabaseSync): void {
  requireCollected(db)
  db.exec('DELETE FROM vouchers')
}

function requireCollected(db: DatabaseSync): void {
  const { pending } = voucherBook(db).totals()
  if (pending === 0n) return
  throw new PayeeError('There are vouchers that are not collected', { code: 'VOUCHERS_PENDING', pending })
}

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
