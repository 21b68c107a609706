import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Criteria } from '../criteria.ts'
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
  const prepare = (topics: string, order: 'ASC' | 'DESC') => {
    const statement = db.prepare(
      `SELECT id, timestamp, hash FROM messages WHERE ${topics} (timestamp, hash) > (?, ?) AND (timestamp, hash) < (?, ?)
       ORDER BY timestamp ${order}, hash ${order} LIMIT ?`,
    )
    statement.setReadBigInts(true)
    return statement
  }
  const both = (topics: string) => ({ forward: prepare(topics, 'ASC'), backward: prepare(topics, 'DESC') })
  const ofAll = both('')
  const ofPubsubTopic = both('pubsub_topic = ? AND')
  const ofTopic = both('pubsub_topic = ? AND content_topic = ? AND')

  function read(statement: StatementSync, topic: string[], times: Times, stretch: Stretch): RowKey[] {
    const { forward, limit, cursor } = stretch
    let from: MessageKey = { timestamp: times.since ?? FIRST, hash: NO_HASH }
    let to: MessageKey = { timestamp: times.until ?? LAST, hash: NO_HASH }
    if (cursor && forward && compareKeys(cursor, from) > 0) from = cursor
    if (cursor && !forward && compareKeys(cursor, to) < 0) to = cursor
    const rows = statement.all(...topic, from.timestamp, from.hash, to.timestamp, to.hash, limit)
    return rows as unknown as RowKey[]
  }

  function among(keys: readonly RowKey[], { forward, limit, cursor }: Stretch): RowKey[] {
    const sign = forward ? 1 : -1
    return keys
      .filter((key) => !cursor || sign * compareKeys(key, cursor) > 0)
      .sort((a, b) => sign * compareKeys(a, b))
      .slice(0, limit)
  }

  const directionOf = ({ forward }: Stretch) => (forward ? 'forward' : 'backward')
  return {
    among,
    ofShard: (topic, times, stretch) => read(ofPubsubTopic[directionOf(stretch)], [topic], times, stretch),
    matching(criteria, stretch) {
      const direction = directionOf(stretch)
      const { topics } = criteria
      if (!topics) return read(ofAll[direction], [], criteria, stretch)
      const found = [...new Set(topics.contentTopics)].map((contentTopic) =>
        read(ofTopic[direction], [topics.pubsubTopic, contentTopic], criteria, stretch),
      )
      return found.length === 1 ? (found[0] ?? []) : among(found.flat(), stretch)
    },
  }
}
