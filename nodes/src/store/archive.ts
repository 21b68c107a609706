import { decodeMessage, encodeMessage, messageHash, type WakuMessage } from '@teahouse/protocol/wire'
import type { DatabaseSync } from 'node:sqlite'
import { cursorNotFound, type Criteria, type Page, type PageRequest, type StoredMessage } from './criteria.ts'
import { keyReader } from './key-reader.ts'
import type { MessageKey } from './keys.ts'

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
]

/** How far a timestamp may be from the node's clock when a message is kept, in nanoseconds. */
const MAX_DRIFT_NS = 20_000_000_000n

export type PutResult = 'stored' | 'duplicate' | 'ephemeral' | 'late'

/** Keeps messages under their Waku message hash. */
export interface Archive {
  /**
   * Keeps a message; it is on disk on return. `ephemeral` ones and those whose timestamp is more than 20 s from now
   * (`late`) are not kept.
   */
  put(pubsubTopic: string, message: WakuMessage): PutResult
  has(hash: Uint8Array): boolean
  /** The message as it is kept, its proof included. */
  get(hash: Uint8Array): WakuMessage | undefined
  /** One page. Throws QueryError `CURSOR_NOT_FOUND`. */
  query(criteria: Criteria, page: PageRequest): Page
  /** The number of messages. */
  count(): number
  /** Removes at most `limit` messages of before `timestamp` (unix nanoseconds), oldest first; returns how many. */
  prune(timestamp: bigint, limit: number): number
}

export interface ArchiveDeps {
  readonly db: DatabaseSync
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** An archive in a database that was opened with {@link ARCHIVE_MIGRATIONS}. */
export function archive({ db, now = Date.now }: ArchiveDeps): Archive {
  const insert = db.prepare(
    `INSERT INTO messages (hash, timestamp, pubsub_topic, content_topic, message) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (hash) DO NOTHING`,
  )
  const byHash = db.prepare('SELECT timestamp FROM messages WHERE hash = ?')
  byHash.setReadBigInts(true)
  const load = db.prepare('SELECT pubsub_topic AS pubsubTopic, message AS bytes FROM messages WHERE hash = ?')
  const remove = db.prepare(
    `DELETE FROM messages WHERE id IN
     (SELECT id FROM messages WHERE timestamp < ? ORDER BY timestamp, hash LIMIT ?)`,
  )
  const keys = keyReader(db)
  let messages = (db.prepare('SELECT count(*) AS n FROM messages').get() as { n: number }).n

  function find(hash: Uint8Array): MessageKey | undefined {
    const row = byHash.get(hash) as { timestamp: bigint } | undefined
    return row && { timestamp: row.timestamp, hash }
  }

  function isOnTime(timestamp: bigint | undefined): timestamp is bigint {
    if (timestamp === undefined) return false
    const drift = timestamp - BigInt(now()) * 1_000_000n
    return -MAX_DRIFT_NS <= drift && drift <= MAX_DRIFT_NS
  }

  return {
    put(pubsubTopic, message) {
      if (message.ephemeral === true) return 'ephemeral'
      if (!isOnTime(message.timestamp)) return 'late'
      const hash = messageHash(pubsubTopic, message)
      const { timestamp, contentTopic } = message
      const { changes } = insert.run(hash, timestamp, pubsubTopic, contentTopic, encodeMessage(message))
      if (Number(changes) === 0) return 'duplicate'
      messages += 1
      return 'stored'
    },
    has: (hash) => find(hash) !== undefined,
    get(hash) {
      const row = load.get(hash) as { bytes: Uint8Array } | undefined
      return row && decodeMessage(row.bytes)
    },
    query(criteria, request) {
      const cursor = request.cursor && find(request.cursor)
      if (request.cursor && !cursor) throw cursorNotFound()
      // One more than the page: it tells whether another page follows.
      const limit = request.limit + 1
      const { forward } = request
      const found = criteria.hashes
        ? keys.among(lookUp(criteria.hashes, find), { forward, limit, cursor })
        : keys.matching(criteria, { forward, limit, cursor })
      const page = fill(found, request, ({ hash }) => ({
        hash,
        ...(load.get(hash) as Omit<StoredMessage, 'hash'>),
      }))
      const last = found[page.length - 1]
      if (!forward) page.reverse()
      return { messages: page, cursor: page.length < found.length ? last?.hash : undefined }
    },
    count: () => messages,
    prune(timestamp, limit) {
      const changes = Number(remove.run(timestamp, limit).changes)
      messages -= changes
      return changes
    },
  }
}

function lookUp(
  hashes: readonly Uint8Array[],
  find: (hash: Uint8Array) => MessageKey | undefined,
): MessageKey[] {
  const unique = new Map(hashes.map((hash) => [Buffer.from(hash).toString('latin1'), hash]))
  return [...unique.values()].map(find).filter((key) => key !== undefined)
}

/** Loads messages until the page is full by number or by bytes. */
function fill(
  keys: readonly MessageKey[],
  { limit, maxBytes }: PageRequest,
  load: (key: MessageKey) => StoredMessage,
): StoredMessage[] {
  const page: StoredMessage[] = []
  let bytes = 0
  for (const key of keys.slice(0, limit)) {
    const message = load(key)
    bytes += message.bytes.byteLength
    if (page.length > 0 && bytes > maxBytes) break
    page.push(message)
  }
  return page
}
