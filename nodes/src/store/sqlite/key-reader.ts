import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Criteria, StoredMessage } from '../criteria.ts'
import { compareKeys, type MessageKey } from '../keys.ts'

/** A key with the row that it stands for. */
export interface RowKey extends MessageKey {
  readonly id: number | bigint
}

/** A stretch of the order of messages: at most `limit` keys from the cursor on (exclusive), or from the end. */
export interface Stretch {
  readonly forward: boolean
  readonly limit: number
  readonly cursor?: MessageKey | undefined
}

type Times = Pick<Criteria, 'since' | 'until'>

export interface KeyReader {
  /** Keys that match, in the direction asked for. Reads at most `limit` index entries a content topic. */
  matching(criteria: Criteria, stretch: Stretch): RowKey[]
  /** Keys of a pubsub topic, whatever their content topics. */
  ofShard(pubsubTopic: string, times: Times, stretch: Stretch): RowKey[]
  /**
   * The same with the messages, by one statement, which stops where its reader does; undefined for several content topics, whose keys have to
   * be merged first.
   */
  messagesOf(criteria: Criteria, stretch: Stretch): Iterable<StoredMessage> | undefined
  messagesOfShard(pubsubTopic: string, times: Times, stretch: Stretch): Iterable<StoredMessage>
  /** The stretch of keys that are in memory. */
  among(keys: readonly RowKey[], stretch: Stretch): RowKey[]
}

/** Below and above every timestamp that is kept; they are signed 64-bit on the wire. */
const FIRST = -(2n ** 63n)
const LAST = 2n ** 63n - 1n
/** Sorts before every hash, so that a bound without a message's hash stands just before its timestamp. */
const NO_HASH = new Uint8Array(0)

/** Reads keys by index range scans: a page costs the same wherever it is in the archive. */
export function keyReader(db: DatabaseSync): KeyReader {
  const prepare = (columns: string, topics: string, order: 'ASC' | 'DESC') => {
    const statement = db.prepare(
      `SELECT ${columns} FROM messages WHERE ${topics} (timestamp, hash) > (?, ?) AND (timestamp, hash) < (?, ?)
       ORDER BY timestamp ${order}, hash ${order} LIMIT ?`,
    )
    statement.setReadBigInts(true)
    return statement
  }
  const both = (columns: string, topics: string) => ({
    forward: prepare(columns, topics, 'ASC'),
    backward: prepare(columns, topics, 'DESC'),
  })
  const ways = (columns: string) => ({
    all: both(columns, ''),
    shard: both(columns, 'pubsub_topic = ? AND'),
    topic: both(columns, 'pubsub_topic = ? AND content_topic = ? AND'),
  })
  const keys = ways('id, timestamp, hash')
  const messages = ways('timestamp, hash, pubsub_topic AS pubsubTopic, message AS bytes')

  function bounds(topic: readonly string[], times: Times, stretch: Stretch) {
    const { forward, limit, cursor } = stretch
    let from: MessageKey = { timestamp: times.since ?? FIRST, hash: NO_HASH }
    let to: MessageKey = { timestamp: times.until ?? LAST, hash: NO_HASH }
    if (cursor && forward && compareKeys(cursor, from) > 0) from = cursor
    if (cursor && !forward && compareKeys(cursor, to) < 0) to = cursor
    return [...topic, from.timestamp, from.hash, to.timestamp, to.hash, limit]
  }

  type Way = Record<'forward' | 'backward', StatementSync>
  const directionOf = ({ forward }: Stretch) => (forward ? 'forward' : 'backward')
  const read = (way: Way, topic: string[], times: Times, stretch: Stretch) =>
    way[directionOf(stretch)].all(...bounds(topic, times, stretch)) as unknown as RowKey[]
  const walk = (way: Way, topic: string[], times: Times, stretch: Stretch) =>
    way[directionOf(stretch)].iterate(...bounds(topic, times, stretch)) as unknown as Iterable<StoredMessage>

  function among(keys: readonly RowKey[], { forward, limit, cursor }: Stretch): RowKey[] {
    const sign = forward ? 1 : -1
    return keys
      .filter((key) => !cursor || sign * compareKeys(key, cursor) > 0)
      .sort((a, b) => sign * compareKeys(a, b))
      .slice(0, limit)
  }

  return {
    among,
    ofShard: (topic, times, stretch) => read(keys.shard, [topic], times, stretch),
    messagesOfShard: (topic, times, stretch) => walk(messages.shard, [topic], times, stretch),
    messagesOf(criteria, stretch) {
      if (!criteria.topics) return walk(messages.all, [], criteria, stretch)
      const { pubsubTopic, contentTopics } = criteria.topics
      const [topic, ...others] = new Set(contentTopics)
      if (topic === undefined || others.length > 0) return undefined
      return walk(messages.topic, [pubsubTopic, topic], criteria, stretch)
    },
    matching(criteria, stretch) {
      const { topics } = criteria
      if (!topics) return read(keys.all, [], criteria, stretch)
      const found = [...new Set(topics.contentTopics)].map((contentTopic) =>
        read(keys.topic, [topics.pubsubTopic, contentTopic], criteria, stretch),
      )
      return found.length === 1 ? (found[0] ?? []) : among(found.flat(), stretch)
    },
  }
}
