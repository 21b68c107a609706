import type { DatabaseSync } from 'node:sqlite'
import { inTransaction } from '../../storage/index.ts'
import type { Criteria, Page, PageRequest, StoredMessage } from '../criteria.ts'
import type { ArchiveEngine, Range } from '../engine.ts'
import { keyReader, type RowKey } from './key-reader.ts'
import { pruning } from './pruning.ts'

/** Tables of the archive, one migration an element. */
export const ARCHIVE_MIGRATIONS = [
  `CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    timestamp INTEGER NOT NULL,
    pubsub_topic TEXT NOT NULL,
    content_topic TEXT NOT NULL,
    message BLOB NOT NULL
  );
  CREATE INDEX messages_by_time ON messages (timestamp, hash);
  CREATE INDEX messages_by_topic ON messages (pubsub_topic, content_topic, timestamp, hash);`,
  `CREATE INDEX messages_by_shard ON messages (pubsub_topic, timestamp, hash);
  CREATE TABLE totals (one INTEGER PRIMARY KEY CHECK (one = 1), messages INTEGER NOT NULL, bytes INTEGER NOT NULL);
  INSERT INTO totals SELECT 1, count(*), coalesce(sum(length(message)), 0) FROM messages;`,
]

type Sync<T> = {
  [Name in keyof T]: T[Name] extends (...args: infer Args) => Promise<infer Result>
    ? (...args: Args) => Result
    : never
}

/** What an engine does, in the thread that calls. */
export type SqliteTables = Sync<Omit<ArchiveEngine, 'close'>>

/** The archive in a database that was opened with {@link ARCHIVE_MIGRATIONS}; throws what SQLite throws. */
export function sqliteTables(db: DatabaseSync): SqliteTables {
  const add = db.prepare(
    `INSERT INTO messages (hash, timestamp, pubsub_topic, content_topic, message) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (hash) DO NOTHING`,
  )
  const byHash = db.prepare('SELECT id, timestamp, hash FROM messages WHERE hash = ?')
  byHash.setReadBigInts(true)
  const load = db.prepare('SELECT pubsub_topic AS pubsubTopic, message AS bytes FROM messages WHERE id = ?')
  const count = db.prepare('UPDATE totals SET messages = messages + ?, bytes = bytes + ?')
  const totals = db.prepare('SELECT messages, bytes FROM totals')
  const prune = pruning(db)
  const keys = keyReader(db)
  const find = (hash: Uint8Array) => byHash.get(hash) as RowKey | undefined
  const read = ({ id, timestamp, hash }: RowKey): StoredMessage => {
    const { pubsubTopic, bytes } = load.get(id) as { pubsubTopic: string; bytes: Uint8Array }
    return { hash, timestamp, pubsubTopic, bytes }
  }

  function stretch({ after: cursor, pubsubTopic, limit, ...times }: Range): RowKey[] {
    const from = { forward: true, limit, cursor }
    return pubsubTopic === undefined ? keys.matching(times, from) : keys.ofShard(pubsubTopic, times, from)
  }

  return {
    insert(rows) {
      let fresh: boolean[] = []
      inTransaction(db, () => {
        fresh = rows.map(({ hash, timestamp, pubsubTopic, contentTopic, bytes }) => {
          return Number(add.run(hash, timestamp, pubsubTopic, contentTopic, bytes).changes) === 1
        })
        const added = rows.filter((_row, at) => fresh[at])
        count.run(added.length, sum(added.map(({ bytes }) => bytes.byteLength)))
      })
      return fresh
    },
    has: (hash) => find(hash) !== undefined,
    get(hash) {
      const key = find(hash)
      return key && read(key)
    },
    page: (criteria, request) => pageOf(criteria, request, { find, keys, read }),
    keys: (range) => stretch(range).map(({ timestamp, hash }) => ({ timestamp, hash })),
    scan: (range, maxBytes) => fill(stretch(range), range.limit, maxBytes, read),
    totals: () => totals.get() as unknown as { messages: number; bytes: number },
    prune,
  }
}

interface Reading {
  readonly find: (hash: Uint8Array) => RowKey | undefined
  readonly keys: ReturnType<typeof keyReader>
  readonly read: (key: RowKey) => StoredMessage
}

function pageOf(criteria: Criteria, request: PageRequest, { find, keys, read }: Reading): Page | undefined {
  const cursor = request.cursor && find(request.cursor)
  if (request.cursor && !cursor) return undefined
  // One more than the page: it tells whether another page follows.
  const stretch = { forward: request.forward, limit: request.limit + 1, cursor }
  const found = criteria.hashes
    ? keys.among(lookUp(criteria.hashes, find), stretch)
    : keys.matching(criteria, stretch)
  const messages = fill(found, request.limit, request.maxBytes, read)
  const last = messages.at(-1)
  if (!request.forward) messages.reverse()
  return { messages, cursor: messages.length < found.length ? last?.hash : undefined }
}

function lookUp(hashes: readonly Uint8Array[], find: Reading['find']): RowKey[] {
  const unique = new Map(hashes.map((hash) => [Buffer.from(hash).toString('latin1'), hash]))
  return [...unique.values()].map(find).filter((key) => key !== undefined)
}

/** Reads messages until they are enough by number or by bytes; at least one. */
function fill(
  keys: readonly RowKey[],
  limit: number,
  maxBytes: number,
  read: Reading['read'],
): StoredMessage[] {
  const messages: StoredMessage[] = []
  let bytes = 0
  for (const key of keys.slice(0, limit)) {
    const message = read(key)
    bytes += message.bytes.byteLength
    if (messages.length > 0 && bytes > maxBytes) break
    messages.push(message)
  }
  return messages
}

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0)
