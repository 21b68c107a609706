import { bytesToHex } from '@noble/hashes/utils.js'
import { isTeahouseError } from '@teahouse/protocol/errors'
import { SecureError } from '../secure/errors.ts'
import type { DeviceAddress, Opened, Sessions } from '../secure/types.ts'
import { StorageError } from '../storage/store.ts'
import type { Contacts } from './contacts.ts'
import { decodeContent, type Content } from './content.ts'
import type { Conversations } from './conversations.ts'
import { ChatError } from './errors.ts'
import type { ChatEvent } from './events.ts'
import { SIZE_CLASSES, unpad } from './padding.ts'
import { receive, type Received } from './receiving.ts'
import { newConversation, type Conversation } from './record.ts'
import { gapsOf } from './sequences.ts'

/** Strangers who may wait at a time. */
const MAX_REQUESTS = 200
const CONFLICT_RETRIES = 3
/** Why a message is left as if it had not come. */
const LEFT: ReadonlySet<string> = new Set(['BLOCKED', 'UNCHANGED'])

export interface InboundDeps {
  readonly sessions: Sessions
  readonly conversations: Conversations
  readonly contacts: Contacts
  /** Whether a list that is followed names an account. */
  readonly isListed: (account: string) => boolean
  readonly emit: (event: ChatEvent) => void
  readonly now: () => number
  /** Told what was taken, once it is on disk. */
  readonly onTaken: (account: string, taken: Taken) => void
  /** A device uses keys that this one has no more. */
  readonly onPrekeyGone: (claimed: DeviceAddress) => void
}

/** What a message did. */
export interface Taken extends Received {
  readonly before: Conversation | undefined
  readonly content: Content
  /** Whether it began a session, and so used up prekeys. */
  readonly began: boolean
}

/** Opens what comes, and keeps it. When it resolves, what was for this account is on disk. */
export function inbound(deps: InboundDeps) {
  const { sessions, conversations, contacts, emit, now } = deps
  const own = sessions.address

  /**
   * Runs inside `open`, before the key is given up: a crash leaves the message unopened, or kept. What it throws leaves the
   * session and the prekeys as they were.
   */
  async function keep({ from, plaintext, began }: Opened): Promise<Taken> {
    const contact = contacts.get(from.account)
    const isOwn = from.account === own.account
    if (contact ? contact.blocked : !isOwn && deps.isListed(from.account)) {
      plaintext.fill(0)
      throw new ChatError('This contact is blocked', { code: 'BLOCKED' })
    }
    const content = readContent(plaintext)
    if (isOwn && content.body?.kind === 'sent')
      await keepSent(from.device, content.body.to, content.body.content)
    const known = Boolean(contact) || isOwn
    if (!known && !(await conversations.get(from.account)) && (await requestsFull()))
      throw new ChatError('Too many strangers wait', { code: 'UNCHANGED' })
    let taken: Taken | undefined
    await conversations.update(from.account, (before) => {
      const old = before ?? newConversation(from.account, known ? 'open' : 'request')
      const received = receive(old, { device: from.device, content, now: now(), own: own.device })
      taken = { ...received, before, content, began }
      return received.conversation
    })
    return taken!
  }

  async function requestsFull(): Promise<boolean> {
    const all = await conversations.list()
    return all.filter(({ kind }) => kind === 'request').length >= MAX_REQUESTS
  }

  /** What another device of this account sent; by its id, so that twice is once. */
  async function keepSent(device: string, to: Uint8Array, bytes: Uint8Array): Promise<void> {
    const sent = decodeContent(bytes)
    const { id, sequence, sentAt, body, expiresAfter } = sent
    if (!body) return
    await conversations.change(bytesToHex(to), (old) => {
      if (old.tail.some((message) => message.id === id)) return old
      const message = {
        id,
        mine: true,
        device,
        sequence,
        sentAt,
        storedAt: now(),
        body,
        expiresAfter,
      } as const
      return { ...old, kind: 'open', tail: [...old.tail, { ...message, state: 'sent' }] }
    })
  }

  async function open(payload: Uint8Array): Promise<{ from: DeviceAddress; taken: Taken } | undefined> {
    let taken: Taken | undefined
    for (let attempt = 1; ; attempt++) {
      try {
        const opened = await sessions.open(payload, async (given) => void (taken = await keep(given)))
        return opened && { from: opened.from, taken: taken! }
      } catch (error) {
        const isConflict = error instanceof SecureError && error.code === 'CONFLICT'
        if (!isConflict || attempt >= CONFLICT_RETRIES) throw error
      }
    }
  }

  function tell(account: string, { before, conversation, message, delivered, read }: Taken): void {
    if (conversation.kind === 'request') {
      if (!before) emit({ kind: 'request', account })
    } else if (message) emit({ kind: 'message', account, id: message.id })
    if (delivered.length > 0) emit({ kind: 'delivered', account, ids: delivered })
    if (read.length > 0) emit({ kind: 'read', account, ids: read })
    const count = missingIn(conversation)
    if (count > (before ? missingIn(before) : 0)) emit({ kind: 'missing', account, count })
  }

  /** Takes a payload from a bucket. Most are not for this account. Throws StorageError: then it must come again. */
  return async function handle(payload: Uint8Array): Promise<void> {
    if (!(SIZE_CLASSES as readonly number[]).includes(payload.length)) return
    try {
      const opened = await open(payload)
      if (!opened) return
      tell(opened.from.account, opened.taken)
      deps.onTaken(opened.from.account, opened.taken)
    } catch (error) {
      if (error instanceof StorageError || !isTeahouseError(error)) throw error
      if (error instanceof SecureError && error.detail.code === 'PREKEY_GONE')
        deps.onPrekeyGone(error.detail.claimed)
      if (error instanceof SecureError && error.code === 'REPLAYED') return
      if (error instanceof ChatError && LEFT.has(error.code)) return
      emit({ kind: 'unreadable', error })
    }
  }
}

export const missingIn = ({ stored }: Conversation): number =>
  Object.values(stored)
    .flatMap(gapsOf)
    .reduce((sum, { count }) => sum + count, 0)

/** Throws for what is no content: it was sealed by a device that is known, but says nothing. */
function readContent(plaintext: Uint8Array): Content {
  try {
    return decodeContent(unpad(plaintext))
  } finally {
    plaintext.fill(0)
  }
}
