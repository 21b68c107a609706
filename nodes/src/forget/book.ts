import type { DatabaseSync } from 'node:sqlite'
import type { Range } from '../store/index.ts'
import type { MessageKey } from '../store/keys.ts'

/** Tables of what is forgotten, one migration an element. Times of messages in unix nanoseconds, `at` in unix seconds. */
export const FORGOTTEN_MIGRATIONS = [
  `CREATE TABLE forgotten (
    hash BLOB PRIMARY KEY,
    at INTEGER NOT NULL,
    by TEXT NOT NULL,
    timestamp INTEGER,
    pubsub_topic TEXT,
    removed INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID;
  CREATE INDEX forgotten_by_order ON forgotten (at, hash);
  CREATE INDEX forgotten_by_time ON forgotten (timestamp, hash) WHERE timestamp IS NOT NULL;`,
]

/** A message that is not kept here any more, or never is going to be. */
export interface Forgotten {
  readonly hash: Uint8Array
  /** Unix seconds. */
  readonly at: number
  /** `operator`, or the name of a deny list. */
  readonly by: string
  /** Whether the node had it: then its hash stays in the root of its hour. */
  readonly had: boolean
}

/** What is forgotten, on disk before it is; kept for good, so that nothing of it is taken in again. */
export interface ForgottenBook {
  has(hash: Uint8Array): boolean
  /** Enters a hash; false if it is there already. */
  add(entry: Pick<Forgotten, 'hash' | 'at' | 'by'>): boolean
  /** Notes where the message stood in the archive. */
  setKey(key: MessageKey, pubsubTopic: string): void
  /** Notes that nothing of it is in the archive any more. */
  setRemoved(hash: Uint8Array): void
  /** Those that may be in the archive still, after a crash. */
  unremoved(): Uint8Array[]
  /** Where messages stood that were had, in ascending order, as an archive gives its keys. */
  keys(range: Range): MessageKey[]
  /** A page, the newest first; goes on after `before`. */
  list(limit: number, before?: Uint8Array): Forgotten[]
  readonly count: number
}

interface Row {
  hash: Uint8Array
  at: number
  by: string
  timestamp: bigint | number | null
}

const keyOf = (hash: Uint8Array) => Buffer.from(hash).toString('latin1')

/** The book in a database opened with {@link FORGOTTEN_MIGRATIONS}. */
export function forgottenBook(db: DatabaseSync): ForgottenBook {
  const all = db.prepare('SELECT hash FROM forgotten').all() as { hash: Uint8Array }[]
  const known = new Set(all.map(({ hash }) => keyOf(hash)))
  const insert = db.prepare('INSERT INTO forgotten (hash, at, by) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const place = db.prepare('UPDATE forgotten SET timestamp = ?, pubsub_topic = ? WHERE hash = ?')
  const removed = db.prepare('UPDATE forgotten SET removed = 1 WHERE hash = ?')
  const left = db.prepare('SELECT hash FROM forgotten WHERE removed = 0')
  const between = db.prepare(
    `SELECT timestamp, hash FROM forgotten WHERE timestamp IS NOT NULL AND (timestamp, hash) > (?, ?) AND timestamp < ?
    AND (? IS NULL OR pubsub_topic = ?) ORDER BY timestamp, hash LIMIT ?`,
  )
  between.setReadBigInts(true)
  const columns = 'SELECT hash, at, by, timestamp IS NOT NULL AS had FROM forgotten'
  const newest = db.prepare(`${columns} ORDER BY at DESC, hash DESC LIMIT ?`)
  const older = db.prepare(
    `${columns} WHERE (at, hash) < (SELECT at, hash FROM forgotten WHERE hash = ?) ORDER BY at DESC, hash DESC LIMIT ?`,
  )
  return {
    has: (hash) => known.size > 0 && known.has(keyOf(hash)),
    add({ hash, at, by }) {
      const isNew = Number(insert.run(hash, at, by).changes) === 1
      known.add(keyOf(hash))
      return isNew
    },
    setKey: ({ hash, timestamp }, pubsubTopic) => void place.run(timestamp, pubsubTopic, hash),
    setRemoved: (hash) => void removed.run(hash),
    unremoved: () => (left.all() as unknown as Row[]).map(({ hash }) => hash),
    keys({ since = FIRST, until = LAST, after, pubsubTopic = null, limit }) {
      const isLater = after && after.timestamp >= since
      const [time, hash] = isLater ? [after.timestamp, after.hash] : [since, NOTHING]
      return between.all(time, hash, until, pubsubTopic, pubsubTopic, limit) as unknown as MessageKey[]
    },
    list(limit, before) {
      const rows = before ? older.all(before, limit) : newest.all(limit)
      return (rows as unknown as (Row & { had: number })[]).map(({ hash, at, by, had }) => ({
        ...{ hash, at, by },
        had: had === 1,
      }))
    },
    get count() {
      return known.size
    },
  }
}

/** Of all hashes the first: no hash is smaller than an empty one. */
const NOTHING = new Uint8Array(0)
const FIRST = -(2n ** 63n)
const LAST = 2n ** 63n - 1n
