import type { Criteria, PageRequest, StoredMessage } from '../criteria.ts'
import type { Range } from '../engine.ts'
import type { MessageKey } from '../keys.ts'

export interface Sql {
  /** Of a statement that is asked often, to be planned once a connection. */
  readonly name?: string
  readonly text: string
  readonly values: readonly unknown[]
}

export interface Row {
  readonly timestamp: string
  readonly hash: Buffer
  readonly pubsub_topic: Buffer
  /** Null where the page was full by bytes. */
  readonly message: Buffer | null
}

/** The earliest time that there is, in unix nanoseconds. */
export const FIRST = -(2n ** 63n)
const LAST = 2n ** 63n - 1n
/** Sorts before every hash. */
const NO_HASH = Buffer.alloc(0)

interface Stretch {
  readonly columns: string
  /** Columns of topics that lead the index, with what each is equal to. */
  readonly topics: Readonly<Record<string, string>>
  readonly order: 'ASC' | 'DESC'
  readonly limit: number
}

/**
 * Reads one stretch of the index over `topics`, timestamp and hash, in its order. Bounds and order are those of the whole index, so that no
 * other index will do: on tables of which the planner knows nothing, it would take that of the times and pass over all other topics.
 * The bounds of the times alone are for choosing partitions; the limit is in the text, because the planner has to know it.
 */
function stretch({ columns, topics, order, limit }: Stretch): string {
  const names = [...Object.keys(topics), 'timestamp', 'hash']
  const values = Object.values(topics)
  return `SELECT ${columns} FROM teahouse.messages
    WHERE (${names.join()}) > (${[...values, '$1', '$2'].join()}) AND (${names.join()}) < (${[...values, '$3', '$4'].join()})
    AND timestamp >= $1 AND timestamp <= $3
    ORDER BY ${names.map((name) => `${name} ${order}`).join()} LIMIT ${Math.trunc(limit)}`
}

const COLUMNS = 'timestamp, hash, pubsub_topic, message'

/** Leaves out the messages (not their keys) that are more than $5, or more bytes than $6; the first one always comes. */
function within(rows: string, order: 'ASC' | 'DESC'): string {
  const window = `OVER (ORDER BY timestamp ${order}, hash ${order})`
  return `SELECT timestamp, hash, pubsub_topic,
    CASE WHEN number = 1 OR (number <= $5::bigint AND bytes <= $6::bigint) THEN message END AS message
    FROM (SELECT ${COLUMNS}, row_number() ${window} AS number, sum(octet_length(message)) ${window} AS bytes
      FROM (${rows}) AS found) AS numbered ORDER BY timestamp ${order}, hash ${order}`
}

/** Where a stretch begins and ends, both exclusive; before all hashes of a time is an empty one. */
export type Bounds = readonly [from: bigint, fromHash: Buffer, to: bigint, toHash: Buffer]

export function boundsOf(
  { since, until }: Pick<Criteria, 'since' | 'until'>,
  cursor: MessageKey | undefined,
  forward: boolean,
): Bounds {
  let [from, fromHash, to, toHash] = [since ?? FIRST, NO_HASH, until ?? LAST, NO_HASH]
  if (cursor && forward && cursor.timestamp >= from)
    [from, fromHash] = [cursor.timestamp, Buffer.from(cursor.hash)]
  if (cursor && !forward && cursor.timestamp < to) [to, toHash] = [cursor.timestamp, Buffer.from(cursor.hash)]
  return [from, fromHash, to, toHash]
}

/** Sizes for which pages have statements of their own; any other is read as the next larger one. */
const PAGE_SIZES = [20, 50, 100]

/**
 * A page of all messages, or of those with some hashes: at least one row more than it has, in the direction asked for, to tell whether another
 * page follows.
 */
export function pageSql(
  criteria: Omit<Criteria, 'topics'>,
  request: PageRequest,
  cursor: MessageKey | undefined,
): Sql {
  const { forward } = request
  const order = forward ? 'ASC' : 'DESC'
  const size = PAGE_SIZES.find((usual) => usual >= request.limit)
  const values = [...boundsOf(criteria, cursor, forward), request.limit, request.maxBytes]
  const base = { columns: COLUMNS, order, limit: (size ?? request.limit) + 1 } as const
  const page = (kind: string, rows: string, ...more: unknown[]) => ({
    text: within(rows, order),
    values: [...values, ...more],
    ...(size === undefined ? {} : { name: `page_${kind}_${order}_${size}` }),
  })
  if (criteria.hashes) {
    // OFFSET keeps the planner from walking all times in order until it has met each hash.
    const rows = `SELECT ${COLUMNS} FROM (
        SELECT ${COLUMNS} FROM teahouse.messages WHERE hash = ANY($7) OFFSET 0
      ) AS known WHERE (timestamp, hash) > ($1, $2) AND (timestamp, hash) < ($3, $4)
      ORDER BY timestamp ${order}, hash ${order} LIMIT ${base.limit}`
    return page('hashes', rows, criteria.hashes.map(asBuffer))
  }
  return page('all', stretch({ ...base, topics: {} }))
}

/** The keys of a stretch, or with `maxBytes` its messages. */
export function rangeSql({ after, pubsubTopic, limit, ...times }: Range, maxBytes?: number): Sql {
  const shown = maxBytes === undefined ? [] : [limit, maxBytes]
  const values = [...boundsOf(times, after, true), ...shown]
  const columns = maxBytes === undefined ? 'timestamp, hash' : COLUMNS
  const topics: Stretch['topics'] = pubsubTopic === undefined ? {} : { pubsub_topic: `$${values.length + 1}` }
  const rows = stretch({ columns, topics, order: 'ASC', limit })
  return {
    text: maxBytes === undefined ? rows : within(rows, 'ASC'),
    values: pubsubTopic === undefined ? values : [...values, Buffer.from(pubsubTopic)],
  }
}

/** The messages that came with the rows. */
export function messagesOf(rows: readonly Row[]): StoredMessage[] {
  return rows.flatMap(({ timestamp, hash, pubsub_topic: topic, message }) =>
    message === null
      ? []
      : [
          {
            hash: asBytes(hash),
            timestamp: BigInt(timestamp),
            pubsubTopic: topic.toString(),
            bytes: asBytes(message),
          },
        ],
  )
}

/** As SQLite gives bytes: no Buffer, whose `slice` means something else. */
export const asBytes = (buffer: Buffer) => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
export const asBuffer = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
