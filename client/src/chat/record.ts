import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import type { Body, Content, ContentId } from './content.ts'
import { ChatError } from './errors.ts'
import type { Stored } from './sequences.ts'

/** How far a message of one's own has come. `waiting`: no node has it yet. */
export type MessageState = 'waiting' | 'sent' | 'delivered' | 'read'

/** A message of a conversation as it is kept. */
export interface ChatMessage {
  readonly id: ContentId
  /** Whether this account sent it. */
  readonly mine: boolean
  /** The device that sent it. */
  readonly device: string
  readonly sequence: number
  /** Milliseconds since 1970, by the sender's clock. */
  readonly sentAt: number
  /** By this device's clock. */
  readonly storedAt: number
  readonly body: Body
  /** Seconds from when it is read (or sent, if it is one's own) until it disappears; 0: never. */
  readonly expiresAfter: number
  /** When it disappears, once that is known. */
  readonly expiresAt?: number
  /** Of one's own messages. */
  readonly state?: MessageState
}

/** How a message that was sent stands. */
export interface SentChat {
  readonly id: ContentId
  readonly state: MessageState
  /** Until when nodes keep it for whoever is offline, in milliseconds since 1970. */
  readonly waitsUntil: number
  /** Why it has not left yet; it is tried again. */
  readonly problem?: unknown
}

/** One copy of a content, for one device. */
export interface Copy {
  /** When a node took it last, in milliseconds since 1970. */
  readonly sentAt?: number
  readonly attempts: number
  /** Hash of a proved message that waits in the outbox: it is sent again byte for byte. */
  readonly waiting?: `0x${string}`
  /** The pair's secret, as hex, if every sealing of this copy took it along: whoever acknowledges the copy knows it. */
  readonly told?: string | undefined
}

/** A content of one's own that not every device has acknowledged. */
export interface Pending {
  readonly content: Content
  /** By device; absent until it is known which devices there are. What a device has acknowledged is gone. */
  readonly copies?: Readonly<Record<string, Copy>>
}

/** Devices of one account that messages are sent to, at most: each costs a message id a message. */
export const MAX_DEVICES = 8

/** A device of the other account that messages are sent to. */
export interface KnownDevice {
  /** The first sequence that it was sent. */
  readonly first: number
  /** Whether it has shown that it knows the pair's secret: the first of `secrets`, as it is now. */
  readonly knowsSecret: boolean
  /** When it last had what waits for it sent again because it lost its sessions, in milliseconds since 1970. */
  readonly resetAt?: number
  /** When a session with it was last begun anew because it acknowledged nothing, in milliseconds since 1970. */
  readonly beganAt?: number
}

/** All of one conversation but its older messages. Replaced as a whole, so that a crash leaves the one or the other. */
export interface Conversation {
  /** The other account's chat identity, as hex. */
  readonly account: string
  /** `request`: a stranger wrote, and nobody has answered. */
  readonly kind: 'request' | 'open'
  /** What the other side calls itself. */
  readonly senderName?: string
  /** What topics are derived from, 32 bytes as hex. Two only if both sides began at the same time; the first is used. */
  readonly secrets: readonly string[]
  /** When the other side last sent something that came, and when this side last sent, in milliseconds since 1970. */
  readonly heardAt: number
  readonly spokeAt: number
  readonly nextSequence: number
  readonly devices: Readonly<Record<string, KnownDevice>>
  /** When the other side's devices were last looked up. */
  readonly devicesAt: number
  readonly stored: Readonly<Record<string, Stored>>
  /** Devices that wait for an acknowledgement. */
  readonly ackDue: readonly string[]
  /** By device: an acknowledgement that no node has taken. It is sent again byte for byte; `of` is what it names. */
  readonly acksWaiting?: Readonly<
    Record<string, { readonly hash: `0x${string}`; readonly of?: Stored | undefined }>
  >
  readonly pending: readonly Pending[]
  readonly unread: readonly ContentId[]
  readonly expiresAfter: number
  /** The newest messages, in the order in which they were stored. */
  readonly tail: readonly ChatMessage[]
  /** How many pages of older messages there are. */
  readonly pages: number
}

export function newConversation(account: string, kind: Conversation['kind']): Conversation {
  return {
    ...{ account, kind, secrets: [], heardAt: 0, spokeAt: 0, nextSequence: 1, devices: {}, devicesAt: 0 },
    ...{ stored: {}, ackDue: [], pending: [], unread: [], expiresAfter: 0, tail: [], pages: 0 },
  }
}

const VERSION = 1

/** Bytes are written as `{"$": hex}`. */
export function serialize(value: unknown): string {
  return JSON.stringify({ version: VERSION, value }, (_, item: unknown) =>
    item instanceof Uint8Array ? { $: bytesToHex(item) } : item,
  )
}

/** Reads what `serialize` wrote; the store has vouched for it. Throws ChatError BAD_RECORD for another version. */
export function parse<T>(text: string): T {
  const { version, value } = JSON.parse(text, (_, item: unknown) =>
    isBytes(item) ? hexToBytes(item.$) : item,
  ) as { version: unknown; value: T }
  if (version === VERSION) return value
  throw new ChatError('A record is of another version', {
    code: 'BAD_RECORD',
    why: `version ${String(version)}`,
  })
}

function isBytes(item: unknown): item is { $: string } {
  return typeof item === 'object' && item !== null && typeof (item as { $?: unknown }).$ === 'string'
}
