import type { DatabaseSync } from 'node:sqlite'

/** Runs `write` as one transaction: all of it is on disk when this returns, or none. Rethrows what `write` throws. */
export function inTransaction(db: DatabaseSync, write: () => void): void {
  db.exec('BEGIN IMMEDIATE')
  try {
    write()
    db.exec('COMMIT')
  } catch (err) {
    // A full disk ends the transaction by itself.
    if (db.isTransaction) db.exec('ROLLBACK')
    throw err
  }
}
