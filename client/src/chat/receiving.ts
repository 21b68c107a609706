import { bytesToHex } from '@noble/hashes/utils.js'
import type { Ack, Body, Content, ContentId } from './content.ts'
import { ChatError } from './errors.ts'
import { MAX_DEVICES, type ChatMessage, type Conversation, type MessageState } from './record.ts'
import { covers, isStored, store } from './sequences.ts'

/** A content that was opened. */
export interface Arrival {
  /** The device that sealed it. */
  readonly device: string
  readonly content: Content
  /** Milliseconds since 1970. */
  readonly now: number
  /** This device. */
  readonly own: string
}

/** What an arrival did. */
export interface Received {
  readonly conversation: Conversation
  /** A message that was not there before. */
  readonly message?: ChatMessage
  readonly delivered: readonly ContentId[]
  readonly read: readonly ContentId[]
}

/** Messages that a stranger may leave before anybody has looked at the request. */
export const MAX_REQUEST_MESSAGES = 20
/** A device that lost its sessions gets what waits for it at once, but no more often than this. */
const RESET_MS = 3_600_000
/** Devices of one account of which it is remembered what has come. Whoever has had more has replaced the first ones. */
const MAX_KNOWN_DEVICES = 64
/** Secrets of one pair: one from each side, if both began at the same time. */
const MAX_SECRETS = 2
const SHOWN: ReadonlySet<Body['kind']> = new Set(['text', 'card', 'app', 'timer', 'file'])

/**
 * Takes a content into a conversation: the whole of it, in one step, whatever came before. Coming twice changes nothing.
 * @throws ChatError UNCHANGED if it is not taken: a stranger has said enough, or nothing, or too many holes are kept track of.
 * Nothing must be kept of it then, so that it can come again.
 */
export function receive(before: Conversation, arrival: Arrival): Received {
  const { device, content, now } = arrival
  const old = withDevice(before, device)
  const seen = content.sequence > 0 && isStored(old.stored[device], content.sequence)
  const counted = content.sequence > 0 && !seen
  const message = counted ? messageOf(arrival) : undefined
  const isRefused = old.kind === 'request' && !seen && (!message || old.tail.length >= MAX_REQUEST_MESSAGES)
  const stored = counted ? store(old.stored[device], content.sequence, content.first) : old.stored[device]
  if (isRefused || (counted && !stored)) throw new ChatError('This is not taken', { code: 'UNCHANGED' })

  const owesAck = content.sequence > 0 && old.kind === 'open'
  const known = withAcks(withSecret(old, arrival), arrival)
  const read = content.body?.kind === 'read' ? content.body.ids : []
  const conversation: Conversation = {
    ...known.conversation,
    ...(content.senderName && { senderName: content.senderName }),
    heardAt: Math.max(old.heardAt, Math.min(content.sentAt, now)),
    stored: stored ? bounded({ ...old.stored, [device]: stored }, old, device) : old.stored,
    ackDue: owesAck ? [...new Set([...old.ackDue, device])].slice(-MAX_KNOWN_DEVICES) : old.ackDue,
    unread: message && old.kind === 'open' ? [...old.unread, message.id] : old.unread,
    ...(counted && content.body?.kind === 'timer' && { expiresAfter: content.body.seconds }),
  }
  const tail = markedAs(known.conversation.tail, read, 'read')
  return {
    conversation: { ...conversation, tail: message ? [...tail, message] : tail },
    ...(message && { message }),
    ...{ delivered: known.delivered, read },
  }
}

/** Without the oldest device that nothing is sent to, if there are too many: a contact may make new ones without end. */
function bounded(
  stored: Conversation['stored'],
  { devices }: Conversation,
  kept: string,
): Conversation['stored'] {
  const names = Object.keys(stored)
  const over = names.length - MAX_KNOWN_DEVICES
  if (over <= 0) return stored
  const gone = new Set(names.filter((name) => name !== kept && !(name in devices)).slice(0, over))
  return Object.fromEntries(Object.entries(stored).filter(([name]) => !gone.has(name)))
}

function messageOf({ device, content, now }: Arrival): ChatMessage | undefined {
  const { id, sequence, sentAt, body, expiresAfter } = content
  if (!body || !SHOWN.has(body.kind)) return undefined
  return { id, mine: false, device, sequence, sentAt, storedAt: now, body, expiresAfter }
}

/** A device that writes for the first time is sent all that others of its account have not acknowledged. */
function withDevice(old: Conversation, device: string): Conversation {
  if (device in old.devices || Object.keys(old.devices).length >= MAX_DEVICES) return old
  const first = old.pending[0]?.content.sequence ?? old.nextSequence
  const pending = old.pending.map((waiting) => {
    return waiting.copies ? { ...waiting, copies: { ...waiting.copies, [device]: { attempts: 0 } } } : waiting
  })
  return { ...old, pending, devices: { ...old.devices, [device]: { first, knowsSecret: false } } }
}

/** The lowest secrets of both sides come to be the same on both sides. */
function withSecret(old: Conversation, { device, content }: Arrival): Conversation {
  const given = content.topicSecret && bytesToHex(content.topicSecret)
  if (!given) return content.body?.kind === 'reset' ? knowing(old, device, false) : old
  const secrets = [...new Set([...old.secrets, given])].sort().slice(0, MAX_SECRETS)
  const devices = secrets[0] === old.secrets[0] ? old.devices : unknowing(old.devices)
  return knowing({ ...old, secrets, devices }, device, given === secrets[0])
}

/** Devices that are still to be told another secret. */
function unknowing(devices: Conversation['devices']): Conversation['devices'] {
  return Object.fromEntries(
    Object.entries(devices).map(([name, known]) => [name, { ...known, knowsSecret: false }]),
  )
}

function knowing(old: Conversation, device: string, knowsSecret: boolean): Conversation {
  const known = old.devices[device]
  return known ? { ...old, devices: { ...old.devices, [device]: { ...known, knowsSecret } } } : old
}

/** Whoever acknowledges a content has the secret that came with it, which may be another by now. */
function withAcks(old: Conversation, { device, content, now, own }: Arrival) {
  const acks = content.acks.filter((ack) => ack.device === own)
  const isReset = content.body?.kind === 'reset' && (old.devices[device]?.resetAt ?? 0) <= now - RESET_MS
  const acked = (sequence: number) => acks.some((ack: Ack) => covers(ack, sequence))
  const delivered: ContentId[] = []
  let knows = false
  const pending = old.pending.flatMap((waiting) => {
    const { [device]: copy, ...others } = waiting.copies ?? {}
    if (!copy) return [waiting]
    if (acked(waiting.content.sequence)) {
      delivered.push(waiting.content.id)
      knows ||= copy.told !== undefined && copy.told === old.secrets[0]
      return Object.keys(others).length > 0 ? [{ ...waiting, copies: others }] : []
    }
    return [isReset ? { ...waiting, copies: { ...others, [device]: { attempts: 0 } } } : waiting]
  })
  const tail = markedAs(old.tail, delivered, 'delivered')
  const devices = isReset ? resetAt(old.devices, device, now) : old.devices
  const acknowledged = { ...old, devices, pending, tail }
  return {
    conversation: knows ? knowing(acknowledged, device, true) : acknowledged,
    delivered,
  }
}

function resetAt(devices: Conversation['devices'], device: string, now: number): Conversation['devices'] {
  const known = devices[device]
  return known ? { ...devices, [device]: { ...known, resetAt: now } } : devices
}

const RANK: Readonly<Record<MessageState, number>> = { waiting: 0, sent: 1, delivered: 2, read: 3 }

/** Messages of one's own that have come further; never back. */
export function markedAs(
  tail: readonly ChatMessage[],
  ids: readonly ContentId[],
  state: MessageState,
): readonly ChatMessage[] {
  if (ids.length === 0) return tail
  const marked = new Set(ids)
  return tail.map((message) => {
    const further = message.mine && marked.has(message.id) && RANK[message.state ?? 'waiting'] < RANK[state]
    return further ? { ...message, state } : message
  })
}
