import { bytesToHex, hexToBytes, randomBytes } from '@noble/hashes/utils.js'
import { ChatContent, decode, type ChatAck, type ChatFile } from '@teahouse/protocol/wire'
import { contactName } from '../account/contact/card.ts'
import { readReference } from '../files/reference.ts'
import { fileName, mediaType, UNKNOWN_TYPE } from './file-name.ts'
import { ChatError } from './errors.ts'

/** Names a content in all its copies: 16 bytes as hex. */
export type ContentId = string

/** What a content says. `sent` goes to the sender's own devices only. */
export type Body =
  | { readonly kind: 'text'; readonly text: string }
  /** These were read. */
  | { readonly kind: 'read'; readonly ids: readonly ContentId[] }
  /** From now on messages of both disappear after so many seconds; 0: never. */
  | { readonly kind: 'timer'; readonly seconds: number }
  /** An introduction: a chat identity (32 bytes), and what the sender calls it, checked by `contactName`. */
  | { readonly kind: 'card'; readonly chatKey: Uint8Array; readonly name: string }
  /** The sender has lost its sessions and begins new ones. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'app'; readonly type: string; readonly data: Uint8Array }
  | FileBody
  /** What another device of this account sent, and to which chat identity. */
  | { readonly kind: 'sent'; readonly to: Uint8Array; readonly content: Uint8Array }

/** A file that nodes keep, sealed; nothing of it is fetched before somebody asks for it. */
export interface FileBody {
  readonly kind: 'file'
  /** Made harmless by `fileName`. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** As the sender says; by `mediaType`. */
  readonly mediaType: string
  /** `teahouse:file/…`: whoever has it can read the file. */
  readonly reference: string
  /** Unix seconds until which nodes were paid to keep it. */
  readonly until: number
}

/** Which sequences of a device have been stored: all from its first up to `through`, and those `beyond`, ascending. */
export interface Ack {
  /** The sending device's id, as hex. */
  readonly device: string
  readonly through: number
  readonly beyond: readonly number[]
}

/** What one device tells another, before it is sealed. */
export interface Content {
  readonly id: ContentId
  /** Counted from 1 in each conversation by the sending device; 0 if it needs no acknowledgement. */
  readonly sequence: number
  /** The first sequence that the receiving device was sent. */
  readonly first: number
  /** Milliseconds since 1970, by the sender's clock. */
  readonly sentAt: number
  /** What the pair's topics are derived from, 32 bytes; until the receiver has used it. */
  readonly topicSecret?: Uint8Array | undefined
  /** What the sender calls itself, checked by `contactName`; in a first contact. */
  readonly senderName?: string | undefined
  /** Seconds after which it disappears; 0: never. */
  readonly expiresAfter: number
  readonly acks: readonly Ack[]
  /** Absent in what only acknowledges. */
  readonly body?: Body | undefined
}

const ID_BYTES = 16
const KEY_BYTES = 32
const MAX_TYPE = 100
/** Limits of repeated fields: a content is at most 64 kB anyhow, but each entry costs memory. */
const LIMITS = { acks: 64, ids: 1_000, beyond: 1_000 }
const DISAPPEAR_MAX_SECONDS = 10 * 365 * 86_400
/** The last time that a `Date` can be; ECMA-262, time values. */
const LAST_TIME_MS = 8.64e15

export const newContentId = (): ContentId => bytesToHex(randomBytes(ID_BYTES))

/** The bytes that get padded and sealed. */
export function encodeContent(content: Content): Uint8Array {
  const { id, topicSecret, senderName, expiresAfter, acks, body } = content
  return ChatContent.encode({
    id: hexToBytes(id),
    sequence: BigInt(content.sequence),
    first: BigInt(content.first),
    sentAt: BigInt(content.sentAt),
    topicSecret: topicSecret ?? new Uint8Array(0),
    senderName: senderName ?? '',
    expiresAfter,
    acks: acks.map(({ device, through, beyond }) => ({
      device: hexToBytes(device),
      through: BigInt(through),
      beyond: beyond.map(BigInt),
    })),
    ...(body && fieldsOf(body)),
  })
}

function fieldsOf(body: Body): Partial<ChatContent> {
  switch (body.kind) {
    case 'text':
      return { text: body.text }
    case 'read':
      return { read: { ids: body.ids.map((id) => hexToBytes(id)) } }
    case 'timer':
      return { timer: body.seconds }
    case 'card':
      return { card: { chatKey: body.chatKey, name: body.name } }
    case 'reset':
      return { reset: true }
    case 'app':
      return { app: { type: body.type, data: body.data } }
    case 'file': {
      const { name, reference, until } = body
      const type = body.mediaType === UNKNOWN_TYPE ? '' : body.mediaType
      return { file: { name, mediaType: type, reference, until: BigInt(until) } }
    }
    case 'sent':
      return { sent: { to: body.to, content: body.content } }
  }
}

/**
 * Reads what a device said. Fields that this version doesn't know are passed over: a content with an unknown body counts
 * as one without.
 * @throws ChatError BAD_CONTENT; WireError MALFORMED.
 */
export function decodeContent(bytes: Uint8Array): Content {
  const read = decode(ChatContent, bytes, {
    acks: LIMITS.acks,
    acks$: { beyond: LIMITS.beyond },
    read: { ids: LIMITS.ids },
  })
  const { topicSecret, senderName, expiresAfter } = read
  must(read.id.length === ID_BYTES, 'its id is not 16 bytes')
  must(topicSecret.length === 0 || topicSecret.length === KEY_BYTES, 'its topic secret is not 32 bytes')
  must(expiresAfter <= DISAPPEAR_MAX_SECONDS, 'it disappears too late')
  const sequence = count(read.sequence)
  const first = count(read.first)
  const sentAt = count(read.sentAt)
  must(sentAt <= LAST_TIME_MS, 'no clock shows the time at which it was sent')
  must(first <= sequence, 'its first sequence comes after its own')
  must(sequence === 0 || first > 0, 'it has no first sequence')
  return {
    id: bytesToHex(read.id),
    ...{ sequence, first, sentAt, expiresAfter },
    ...(topicSecret.length > 0 && { topicSecret }),
    ...(senderName !== '' && { senderName: readName(senderName) }),
    acks: read.acks.map(readAck),
    body: readBody(read),
  }
}

function readBody({ text, read, timer, card, reset, app, sent, file }: ChatContent): Body | undefined {
  const given = [text, read, timer, card, reset, app, sent, file].filter((field) => field !== undefined)
  must(given.length <= 1, 'it has more than one body')
  if (text !== undefined) return { kind: 'text', text }
  if (read) {
    must(
      read.ids.every((id) => id.length === ID_BYTES),
      'an id that was read is not 16 bytes',
    )
    return { kind: 'read', ids: read.ids.map((id) => bytesToHex(id)) }
  }
  if (timer !== undefined) {
    must(timer <= DISAPPEAR_MAX_SECONDS, 'its timer is too long')
    return { kind: 'timer', seconds: timer }
  }
  if (card) {
    must(card.chatKey.length === KEY_BYTES, 'its card is not one')
    return { kind: 'card', chatKey: card.chatKey, name: readName(card.name) }
  }
  if (reset) return { kind: 'reset' }
  if (app) {
    must(app.type.length > 0 && app.type.length <= MAX_TYPE, "its application's type is empty or too long")
    return { kind: 'app', type: app.type, data: app.data }
  }
  if (sent) {
    must(sent.to.length === KEY_BYTES, 'whom it was sent to is not 32 bytes')
    return { kind: 'sent', to: sent.to, content: sent.content }
  }
  return file && readFile(file)
}

/** A name or a type that is none is replaced: the file is still one. */
function readFile({ name, mediaType: type, reference, until }: ChatFile): FileBody {
  const end = count(until)
  must(1_000 * end <= LAST_TIME_MS, 'its file is kept longer than any clock goes')
  try {
    const { size } = readReference(reference)
    return { kind: 'file', name: fileName(name), size, mediaType: mediaType(type), reference, until: end }
  } catch (cause) {
    throw bad('its file has no reference', cause)
  }
}

function readAck({ device, through, beyond }: ChatAck): Ack {
  must(device.length > 0 && device.length <= KEY_BYTES, 'an acknowledged device has no id')
  return { device: bytesToHex(device), through: count(through), beyond: beyond.map(count) }
}

function count(value: bigint): number {
  must(value <= BigInt(Number.MAX_SAFE_INTEGER), 'a number is too large')
  return Number(value)
}

function readName(text: string): string {
  try {
    return contactName(text)
  } catch (cause) {
    throw bad('a name in it is none', cause)
  }
}

function must(condition: boolean, why: string): void {
  if (!condition) throw bad(why)
}

function bad(why: string, cause?: unknown): ChatError {
  return new ChatError(`The content is not one: ${why}`, { code: 'BAD_CONTENT', why }, { cause })
}
