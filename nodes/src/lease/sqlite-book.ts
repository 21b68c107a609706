import type { DatabaseSync } from 'node:sqlite'
import { inTransaction } from '../storage/index.ts'
import type { LeaseBook, LeaseList } from './book.ts'

/** Tables of the book, one migration an element. */
export const LEASE_MIGRATIONS = [
  `CREATE TABLE leases (
    epoch INTEGER NOT NULL,
    lease_key BLOB NOT NULL,
    first INTEGER NOT NULL,
    mark INTEGER NOT NULL,
    nonce BLOB NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (epoch, lease_key)
  ) WITHOUT ROWID;
  CREATE TABLE kept_from (epoch INTEGER NOT NULL);
  INSERT INTO kept_from VALUES (0);`,
]

interface Row {
  readonly first: number
  readonly mark: number
  readonly nonce: Uint8Array
  readonly signature: Uint8Array
}

/** The book in a database of this node alone, opened with {@link LEASE_MIGRATIONS}. */
export function sqliteBook(db: DatabaseSync): LeaseBook {
  const select = db.prepare(
    'SELECT first, mark, nonce, signature FROM leases WHERE epoch = ? AND lease_key = ?',
  )
  const upsert = db.prepare(
    `INSERT INTO leases (epoch, lease_key, first, mark, nonce, signature)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6 FROM kept_from WHERE kept_from.epoch <= ?1
    ON CONFLICT (epoch, lease_key) DO UPDATE
      SET first = excluded.first, mark = excluded.mark, nonce = excluded.nonce, signature = excluded.signature
      WHERE mark <= excluded.first`,
  )
  const total = db.prepare('SELECT count(*) AS n FROM leases WHERE epoch = ?')
  const keepFrom = db.prepare('UPDATE kept_from SET epoch = ?1 WHERE epoch < ?1')
  const remove = db.prepare('DELETE FROM leases WHERE epoch < ?')

  function find({ key, epoch }: LeaseList) {
    const row = select.get(epoch, key) as Row | undefined
    return row && { key, epoch, first: row.first, end: row.mark, nonce: row.nonce, signature: row.signature }
  }

  return {
    find: async (list) => find(list),
    async enter(claim) {
      const { key, epoch, first, end, nonce, signature } = claim
      upsert.run(epoch, key, first, end, nonce, signature)
      return find(claim)
    },
    count: async (epoch) => (total.get(epoch) as { n: number }).n,
    async prune(epoch) {
      inTransaction(db, () => {
        keepFrom.run(epoch)
        remove.run(epoch)
      })
    },
    close: async () => undefined,
  }
}
