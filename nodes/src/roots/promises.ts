import type { DatabaseSync } from 'node:sqlite'

/** A table of the root book's database. */
export const PROMISE_MIGRATION = `CREATE TABLE promises (
    hour INTEGER NOT NULL,
    shard INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (hour, shard, hash)
  ) WITHOUT ROWID`

/** The message hashes that roots to come have to have, whatever becomes of the messages. */
export interface PromiseBook {
  /** Notes a hash; it is on disk when this returns. */
  enter(shard: number, hour: bigint, hash: Uint8Array): void
  of(shard: number, hour: bigint): Iterable<Uint8Array>
  /** Forgets the hours before this one. */
  prune(hour: bigint): void
}

/** In the database of a node alone. */
export function promiseBook(db: DatabaseSync): PromiseBook {
  const insert = db.prepare('INSERT OR IGNORE INTO promises (hour, shard, hash) VALUES (?, ?, ?)')
  const select = db.prepare('SELECT hash FROM promises WHERE hour = ? AND shard = ?')
  const remove = db.prepare('DELETE FROM promises WHERE hour < ?')
  return {
    enter: (shard, hour, hash) => void insert.run(hour, shard, hash),
    *of(shard, hour) {
      for (const row of select.iterate(hour, shard)) yield (row as { hash: Uint8Array }).hash
    },
    prune: (hour) => void remove.run(hour),
  }
}
