import type { DatabaseSync } from 'node:sqlite'
import { bytesToHex, hexToBytes } from 'viem'
import type { StopMark } from '../rln/stop-mark.ts'
import { inTransaction } from '../storage/index.ts'
import { PROMISE_MIGRATION } from './promises.ts'
import { type PartEntry, type RootBook, type RootRecord, type Speaker, speakerKey } from './book.ts'

/** Tables of the book, one migration an element. Amounts are decimal text: SQLite's integers are too small. */
export const ROOT_MIGRATIONS = [
  `CREATE TABLE speakers (speaker TEXT PRIMARY KEY, since INTEGER NOT NULL, stopped TEXT) WITHOUT ROWID;
  CREATE TABLE roots (
    speaker TEXT NOT NULL,
    shard INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    operator INTEGER NOT NULL,
    count INTEGER NOT NULL,
    root BLOB NOT NULL,
    liability TEXT NOT NULL,
    hash_set TEXT NOT NULL,
    PRIMARY KEY (speaker, shard, hour)
  ) WITHOUT ROWID;
  CREATE INDEX roots_with_hashes ON roots (hour) WHERE hash_set <> '';
  CREATE TABLE parts (
    id INTEGER PRIMARY KEY,
    hash_set TEXT NOT NULL,
    number INTEGER NOT NULL,
    node BLOB NOT NULL,
    hashes BLOB NOT NULL,
    UNIQUE (hash_set, number)
  );`,
  PROMISE_MIGRATION,
]

/** Parts that a step of pruning removes: 1 MiB of hashes. */
const PRUNED_AT_ONCE = 64

interface Row {
  readonly operator: number
  readonly count: number
  readonly root: Uint8Array
  readonly liability: string
  readonly hash_set: string
}

/**
 * The book in a database of this node alone, opened with {@link ROOT_MIGRATIONS}. `mark` tells a clean stop of this very folder: after anything
 * else the database may be an older copy of itself, so that hours are signed only which no earlier run can have signed.
 */
export function sqliteBook(db: DatabaseSync, of: Speaker, mark: StopMark): RootBook {
  const speaker = speakerKey(of)
  const select = db.prepare('SELECT * FROM roots WHERE speaker = ? AND shard = ? AND hour = ?')
  const insert = db.prepare('INSERT INTO roots VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING')
  const addPart = db.prepare('INSERT INTO parts (hash_set, number, node, hashes) VALUES (?, ?, ?, ?)')
  const entries = db.prepare(
    'SELECT substr(hashes, 1, 32) AS first, node FROM parts WHERE hash_set = ? ORDER BY number',
  )
  const part = db.prepare('SELECT hashes FROM parts WHERE hash_set = ? AND number = ?')
  const past = db.prepare(
    "SELECT hash_set FROM roots WHERE hash_set <> '' AND hour < ? ORDER BY hour LIMIT 1",
  )
  const forget = db.prepare("UPDATE roots SET hash_set = '' WHERE hash_set = ?")
  const removeSome = db.prepare(
    `DELETE FROM parts WHERE id IN (SELECT id FROM parts WHERE hash_set = ? LIMIT ${PRUNED_AT_ONCE})`,
  )
  const said = db.prepare('SELECT since, stopped FROM speakers WHERE speaker = ?')
  const setSpeaker = db.prepare('INSERT OR REPLACE INTO speakers VALUES (?, ?, ?)')

  let since: bigint | undefined

  function find(shard: number, hour: bigint): RootRecord | undefined {
    const row = select.get(speaker, shard, hour) as Row | undefined
    if (!row) return undefined
    const { operator, count, root, liability, hash_set: set } = row
    const { cluster } = of
    return {
      operator,
      cluster,
      shard,
      hour,
      count,
      root: bytesToHex(root),
      liability: BigInt(liability),
      set,
    }
  }

  return {
    async open(firstHour) {
      // One process at a time has this database: what no record names was left by a crash.
      db.exec(
        'DELETE FROM parts WHERE hash_set IN (SELECT DISTINCT hash_set FROM parts EXCEPT SELECT hash_set FROM roots)',
      )
      const token = await mark.take()
      const known = said.get(speaker) as { since: number; stopped: string | null } | undefined
      const isWhole = token !== undefined && known?.stopped === token
      const first = isWhole ? BigInt(known.since) : firstHour
      // Also of the other speakers nothing is certain any more: the mark is gone.
      inTransaction(db, () => {
        db.exec('UPDATE speakers SET stopped = NULL')
        setSpeaker.run(speaker, first, null)
      })
      since = first
      return first
    },
    find: async (shard, hour) => find(shard, hour),
    async addParts(set, from, parts) {
      inTransaction(db, () => {
        for (const [at, { node, hashes }] of parts.entries()) addPart.run(set, from + at, node, hashes)
      })
    },
    async record(record) {
      const { shard, hour, operator, count, root, liability, set } = record
      insert.run(speaker, shard, hour, operator, count, hexToBytes(root), liability.toString(), set)
      return find(shard, hour)!
    },
    entries: async (set) => entries.all(set) as unknown as PartEntry[],
    part: async (set, number) => (part.get(set, number) as { hashes: Uint8Array } | undefined)?.hashes,
    async dropSet(set) {
      while (Number(removeSome.run(set).changes) > 0);
    },
    async prune(hour) {
      const due = past.get(hour) as { hash_set: string } | undefined
      if (!due) return false
      if (Number(removeSome.run(due.hash_set).changes) === 0) forget.run(due.hash_set)
      return true
    },
    async close() {
      if (since !== undefined) setSpeaker.run(speaker, since, await mark.leave())
      since = undefined
    },
  }
}
