import type { DatabaseSync } from 'node:sqlite'
import { inTransaction } from '../../storage/index.ts'
import type { Criteria, Page, PageRequest, StoredMessage } from '../criteria.ts'
import type { ArchiveEngine, Range } from '../engine.ts'
import { keyReader, type RowKey } from './key-reader.ts'
import { pruning, removing } from './pruning.ts'

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
  const remove = removing(db)
  const keys = keyReader(db)
  const find = (hash: Uint8Array) => byHash.get(hash) as RowKey | undefined
  const read = ({ id, timestamp, hash }: RowKey): StoredMessage => {
    const { pubsubTopic, bytes } = load.get(id) as { pubsubTopic: string; bytes: Uint8Array }
    return { hash, timestamp, pubsubTopic, bytes }
  }

  function keysOf({ after: cursor, pubsubTopic, limit, ...times }: Range): RowKey[] {
    const from = { forward: true, limit, cursor }
    return pubsubTopic === undefined ? keys.matching(times, from) : keys.ofShard(pubsubTopic, times, from)
  }

  function messagesOf({ after: cursor, pubsubTopic, limit, ...times }: Range): Iterable<StoredMessage> {
    const from = { forward: true, limit, cursor }
    return pubsubTopic === undefined
      ? keys.messagesOf(times, from)!
      : keys.messagesOfShard(pubsubTopic, times, from)
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
    keys: (range) => keysOf(range).map(({ timestamp, hash }) => ({ timestamp, hash })),
    scan: (range, maxBytes) => fill(messagesOf(range), range.limit, maxBytes).messages,
    totals: () => totals.get() as unknown as { messages: number; bytes: number },
    remove,
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
    ? loaded(keys.among(lookUp(criteria.hashes, find), stretch), read)
    : (keys.messagesOf(criteria, stretch) ?? loaded(keys.matching(criteria, stretch), read))
  const { messages, more } = fill(found, request.limit, request.maxBytes)
  const last = messages.at(-1)
  if (!request.forward) messages.reverse()
  return { messages, cursor: more ? last?.hash : undefined }
}

function* loaded(keys: readonly RowKey[], read: Reading['read']): Generator<StoredMessage> {
  for (const key of keys) yield read(key)
}

function lookUp(hashes: readonly Uint8Array[], find: Reading['find']): RowKey[] {
  const unique = new Map(hashes.map((hash) => [Buffer.from(hash).toString('latin1'), hash]))
  return [...unique.values()].map(find).filter((key) => key !== undefined)
}

/** Reads messages until they are enough by number or by bytes, at least one; `more` if there is another one. */
function fill(
  found: Iterable<StoredMessage>,
  limit: number,
  maxBytes: number,
): { readonly messages: StoredMessage[]; readonly more: boolean } {
  const messages: StoredMessage[] = []
  let bytes = 0
  for (const { hash, timestamp, pubsubTopic, bytes: encoded } of found) {
    bytes += encoded.byteLength
    if (messages.length === limit || (messages.length > 0 && bytes > maxBytes))
      return { messages, more: true }
    messages.push({ hash, timestamp, pubsubTopic, bytes: encoded })
  }
  return { messages, more: false }
}

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0)
