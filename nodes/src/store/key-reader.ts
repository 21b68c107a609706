import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Criteria } from './criteria.ts'
import { compareKeys, type MessageKey } from './keys.ts'

/** A stretch of the order of messages: at most `limit` keys from the cursor on (exclusive), or from the end. */
export interface Stretch {
  readonly forward: boolean
  readonly limit: number
  readonly cursor?: MessageKey | undefined
}

export interface KeyReader {
  /** Keys that match, in the direction asked for. Reads at most `limit` index entries a content topic. */
  matching(criteria: Criteria, stretch: Stretch): MessageKey[]
  /** The stretch of keys that are in memory. */
  among(keys: readonly MessageKey[], stretch: Stretch): MessageKey[]
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
      `SELECT timestamp, hash FROM messages WHERE ${topics} (timestamp, hash) > (?, ?) AND (timestamp, hash) < (?, ?)
       ORDER BY timestamp ${order}, hash ${order} LIMIT ?`,
    )
    statement.setReadBigInts(true)
    return statement
  }
  const both = (topics: string) => ({ forward: prepare(topics, 'ASC'), backward: prepare(topics, 'DESC') })
  const ofAll = both('')
  const ofTopic = both('pubsub_topic = ? AND content_topic = ? AND')

  function read(
    statement: StatementSync,
    topic: string[],
    criteria: Criteria,
    stretch: Stretch,
  ): MessageKey[] {
    const { forward, limit, cursor } = stretch
    let from: MessageKey = { timestamp: criteria.since ?? FIRST, hash: NO_HASH }
    let to: MessageKey = { timestamp: criteria.until ?? LAST, hash: NO_HASH }
    if (cursor && forward && compareKeys(cursor, from) > 0) from = cursor
    if (cursor && !forward && compareKeys(cursor, to) < 0) to = cursor
    const rows = statement.all(...topic, from.timestamp, from.hash, to.timestamp, to.hash, limit)
    return rows as unknown as MessageKey[]
  }

  function among(keys: readonly MessageKey[], { forward, limit, cursor }: Stretch): MessageKey[] {
    const sign = forward ? 1 : -1
    return keys
      .filter((key) => !cursor || sign * compareKeys(key, cursor) > 0)
      .sort((a, b) => sign * compareKeys(a, b))
      .slice(0, limit)
  }

  return {
    among,
    matching(criteria, stretch) {
      const direction = stretch.forward ? 'forward' : 'backward'
      const { topics } = criteria
      if (!topics) return read(ofAll[direction], [], criteria, stretch)
      const found = [...new Set(topics.contentTopics)].map((contentTopic) =>
        read(ofTopic[direction], [topics.pubsubTopic, contentTopic], criteria, stretch),
      )
      return found.length === 1 ? (found[0] ?? []) : among(found.flat(), stretch)
    },
  }
}
