import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { decode } from './decode.ts'
import { WireError } from './errors.ts'
import { WakuMessage } from './generated/waku.js'
import { MAX_CONTENT_TOPIC_BYTES, MAX_MESSAGE_BYTES, MAX_META_BYTES } from './limits.ts'

/**
 * Encodes a message for relay. Throws WireError `TOO_LARGE` over {@link MAX_MESSAGE_BYTES} or with more than
 * {@link MAX_META_BYTES} of meta, `INVALID_TOPIC` for an empty, overlong or ill-formed content topic.
 */
export function encodeMessage(message: WakuMessage): Uint8Array {
  assertMessage(message)
  const bytes = WakuMessage.encode(message)
  assertSize(bytes.byteLength, MAX_MESSAGE_BYTES, 'message')
  return bytes
}

/** Decodes a relayed message. Throws as {@link encodeMessage} does, and WireError `MALFORMED`. */
export function decodeMessage(bytes: Uint8Array): WakuMessage {
  assertSize(bytes.byteLength, MAX_MESSAGE_BYTES, 'message')
  const message = decode(WakuMessage, bytes)
  assertMessage(message)
  return message
}

/**
 * Checks the limits that hold for a message wherever it comes from (a relay frame, a light push).
 * Throws WireError `TOO_LARGE` or `INVALID_TOPIC`. Its encoded size is {@link encodeMessage}'s to check.
 */
export function assertMessage(message: WakuMessage): void {
  assertSize(message.meta?.byteLength ?? 0, MAX_META_BYTES, 'meta')
  const topic = message.contentTopic
  if (topic === '' || !topic.isWellFormed()) {
    throw new WireError('The content topic is empty or has no UTF-8 form', { code: 'INVALID_TOPIC', topic })
  }
  assertSize(utf8ToBytes(topic).byteLength, MAX_CONTENT_TOPIC_BYTES, 'content topic')
}

/** The deterministic message hash of 14/WAKU2-MESSAGE, 32 bytes: the key of a message in every store. */
export function messageHash(pubsubTopic: string, message: WakuMessage): Uint8Array {
  const { payload, contentTopic, meta, timestamp } = message
  const parts = [utf8ToBytes(pubsubTopic), payload, utf8ToBytes(contentTopic), meta ?? new Uint8Array(0)]
  if (timestamp !== undefined) parts.push(int64BigEndian(timestamp))
  return sha256(concatBytes(...parts))
}

function int64BigEndian(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigInt64(0, value)
  return bytes
}

function assertSize(size: number, limit: number, what: string): void {
  if (size <= limit) return
  throw new WireError(`The ${what} is ${size} bytes, over the limit of ${limit}`, {
    code: 'TOO_LARGE',
    size,
    limit,
  })
}
