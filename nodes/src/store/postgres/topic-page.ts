import type { Criteria, PageRequest, StoredMessage } from '../criteria.ts'
import type { MessageKey } from '../keys.ts'
import { partitionOf } from './partitions.ts'
import { boundsOf, FIRST } from './reading.ts'

/** The call of the function for a page by content topics. All values are digits: those of numbers, or of bytes as hex. */
export function pageCall(
  topics: NonNullable<Criteria['topics']>,
  times: Pick<Criteria, 'since' | 'until'>,
  { forward, limit, maxBytes }: PageRequest,
  cursor: MessageKey | undefined,
  partitionNs: bigint,
): string {
  const [from, fromHash, to, toHash] = boundsOf(times, cursor, forward)
  const start = partitionOf(from, partitionNs)
  const values = [
    String(forward),
    ...[number(from), bytea(fromHash), number(to), bytea(toHash)],
    ...[start < FIRST ? FIRST : start, partitionNs, BigInt(limit), BigInt(maxBytes)].map(number),
    bytea(Buffer.from(topics.pubsubTopic)),
    `ARRAY[${[...new Set(topics.contentTopics)].map((topic) => bytea(Buffer.from(topic))).join()}]::bytea[]`,
  ]
  return `SELECT teahouse.page_of_topics(${values.join()})`
}

const number = (value: bigint) => `'${value}'::bigint`
const bytea = (bytes: Buffer) => `decode('${bytes.toString('hex')}','hex')`

const TIME_BYTES = 8
const HASH_BYTES = 32
const LENGTH_BYTES = 4

/** What the function returned: the messages in its order, and how many keys came without their message, since the page was full. */
export function readPage(
  page: Buffer,
  pubsubTopic: string,
): { readonly messages: StoredMessage[]; readonly leftOut: number } {
  const messages: StoredMessage[] = []
  let leftOut = 0
  const bytes = (at: number, length: number) => new Uint8Array(page.buffer, page.byteOffset + at, length)
  for (let at = 0; at < page.length;) {
    const messageAt = at + TIME_BYTES + HASH_BYTES + LENGTH_BYTES
    const length = page.readInt32BE(messageAt - LENGTH_BYTES)
    if (length < 0) leftOut++
    else {
      messages.push({
        timestamp: page.readBigInt64BE(at),
        hash: bytes(at + TIME_BYTES, HASH_BYTES),
        pubsubTopic,
        bytes: bytes(messageAt, length),
      })
    }
    at = messageAt + Math.max(0, length)
  }
  return { messages, leftOut }
}
