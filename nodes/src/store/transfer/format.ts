import { createHash, type Hash } from 'node:crypto'
import { decodeMessage, MAX_MESSAGE_BYTES, messageHash, type WakuMessage } from '@teahouse/protocol/wire'
import type { StoredMessage } from '../criteria.ts'
import { compareKeys, type MessageKey } from '../keys.ts'
import { TransferError, type TransferErrorDetail } from './errors.ts'

/** Files of exports, docs/archive.md: header, messages in the order of timestamp and hash, trailer. Numbers are big-endian. */
const MAGIC = Buffer.from('TEAHOUSE')
const VERSION = 1
const HEADER_BYTES = MAGIC.length + 4
const LENGTH_BYTES = 4
const TOPIC_LENGTH_BYTES = 2
/** Count and SHA-256, after a length of 0. */
const TRAILER_BYTES = 8 + 32
const MAX_TOPIC_BYTES = 1_024
const MAX_RECORD_BYTES = TOPIC_LENGTH_BYTES + MAX_TOPIC_BYTES + MAX_MESSAGE_BYTES

/** A message of an export. */
export interface Exported extends MessageKey {
  readonly pubsubTopic: string
  readonly message: WakuMessage
}

/** Makes the bytes of an export, piece by piece. */
export function exportWriter() {
  const sum = createHash('sha256')
  let count = 0n
  const add = (bytes: Buffer) => {
    sum.update(bytes)
    return bytes
  }
  return {
    header: () => add(Buffer.concat([MAGIC, uint32(VERSION)])),
    records(messages: readonly StoredMessage[]): Buffer {
      count += BigInt(messages.length)
      return add(Buffer.concat(messages.map(record)))
    },
    trailer(): Buffer {
      const end = Buffer.alloc(LENGTH_BYTES + 8)
      end.writeBigUInt64BE(count, LENGTH_BYTES)
      return Buffer.concat([add(end), sum.digest()])
    },
  }
}

function record({ pubsubTopic, bytes }: StoredMessage): Buffer {
  const topic = Buffer.from(pubsubTopic)
  const topicLength = Buffer.alloc(TOPIC_LENGTH_BYTES)
  topicLength.writeUInt16BE(topic.length)
  const length = TOPIC_LENGTH_BYTES + topic.length + bytes.byteLength
  return Buffer.concat([uint32(length), topicLength, topic, bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/**
 * Reads an export, message by message, and checks everything that can be: form, order, count, and the hash at its end. Holds one
 * message in memory. Throws TransferError NOT_AN_EXPORT, UNKNOWN_VERSION, CUT_OFF, DAMAGED.
 */
export async function* readExport(source: AsyncIterable<Uint8Array>): AsyncGenerator<Exported> {
  const input = byteReader(source)
  const sum = createHash('sha256')
  await readHeader(input, sum)
  let count = 0n
  let last: Exported | undefined
  for (;;) {
    const at = input.offset
    const lengthBytes = await input.take(LENGTH_BYTES)
    sum.update(lengthBytes)
    const length = lengthBytes.readUInt32BE()
    if (length === 0) break
    if (length < TOPIC_LENGTH_BYTES || length > MAX_RECORD_BYTES) throw damaged(at)
    const bytes = await input.take(length)
    sum.update(bytes)
    const exported = parseRecord(bytes, at)
    if (last && compareKeys(last, exported) >= 0) throw damaged(at)
    last = exported
    count += 1n
    yield exported
  }
  await readTrailer(input, sum, count)
}

async function readHeader(input: ByteReader, sum: Hash): Promise<void> {
  const header = await input.take(HEADER_BYTES)
  if (!header.subarray(0, MAGIC.length).equals(MAGIC))
    throw failure('This is no export of an archive', { code: 'NOT_AN_EXPORT' })
  const version = header.readUInt32BE(MAGIC.length)
  if (version !== VERSION)
    throw failure(`This export has version ${version}; this is a program for version ${VERSION}`, {
      code: 'UNKNOWN_VERSION',
      found: version,
    })
  sum.update(header)
}

async function readTrailer(input: ByteReader, sum: Hash, count: bigint): Promise<void> {
  const at = input.offset
  const trailer = await input.take(TRAILER_BYTES)
  const total = trailer.subarray(0, 8)
  const good = sum.update(total).digest().equals(trailer.subarray(8)) && total.readBigUInt64BE() === count
  if (!good || !(await input.atEnd())) throw damaged(at)
}

function parseRecord(bytes: Buffer, at: number): Exported {
  const topicLength = bytes.readUInt16BE()
  const start = TOPIC_LENGTH_BYTES + topicLength
  if (topicLength > MAX_TOPIC_BYTES || start > bytes.length) throw damaged(at)
  try {
    const pubsubTopic = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      bytes.subarray(TOPIC_LENGTH_BYTES, start),
    )
    const message = decodeMessage(bytes.subarray(start))
    const { timestamp } = message
    if (timestamp === undefined || message.ephemeral === true) throw damaged(at)
    return { pubsubTopic, message, timestamp, hash: messageHash(pubsubTopic, message) }
  } catch (cause) {
    throw cause instanceof TransferError ? cause : damaged(at, cause)
  }
}

interface ByteReader {
  /** Bytes taken so far. */
  readonly offset: number
  take(count: number): Promise<Buffer>
  atEnd(): Promise<boolean>
}

function byteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const chunks = source[Symbol.asyncIterator]()
  let held = Buffer.alloc(0)
  let offset = 0

  async function more(): Promise<boolean> {
    const chunk = await chunks.next()
    if (chunk.done === true) return false
    held = Buffer.concat([held, chunk.value])
    return true
  }
  return {
    get offset() {
      return offset
    },
    async take(count) {
      while (held.length < count) {
        if (await more()) continue
        const at = offset + held.length
        throw failure(`The export is cut off after ${at} bytes`, { code: 'CUT_OFF', at })
      }
      const taken = held.subarray(0, count)
      held = held.subarray(count)
      offset += count
      return taken
    },
    async atEnd() {
      while (held.length === 0) if (!(await more())) return true
      return false
    },
  }
}

function failure(message: string, detail: TransferErrorDetail): TransferError {
  return new TransferError(message, detail)
}

function damaged(at: number, cause?: unknown): TransferError {
  return new TransferError(`The export is damaged at byte ${at}`, { code: 'DAMAGED', at }, { cause })
}
