import { bytesToHex, hexToBytes, randomBytes } from '@noble/hashes/utils.js'
import { encodeContent, newContentId, type Body, type Content, type ContentId } from './content.ts'
import type { Conversations } from './conversations.ts'
import { sizeClass } from './padding.ts'
import type { ChatMessage, Conversation } from './record.ts'

/** More than encryption, a first contact and acknowledgements ever add to a content, in bytes. */
const RESERVE = 6_000

export interface DraftingDeps {
  readonly conversations: Conversations
  readonly own: { readonly account: string; readonly device: string }
  readonly now: () => number
}

/** Puts contents into conversations, from where they are sent. What is in one is on disk. */
export function drafting({ conversations, own, now }: DraftingDeps) {
  /**
   * Adds a content to what has to be sent; one whose id is in the conversation already stays as it is. Throws ChatError TOO_LARGE before anything
   * is written.
   */
  async function add(
    account: string,
    body: Body,
    isShown: boolean,
    id: ContentId = newContentId(),
  ): Promise<ContentId> {
    const sentAt = now()
    const secret = bytesToHex(randomBytes(32))
    checkSize({ id, sequence: 1, first: 1, sentAt, expiresAfter: 0, acks: [], body })
    await conversations.change(account, (old) => {
      if (old.tail.some((message) => message.id === id)) return old
      const sequence = old.nextSequence
      const expiresAfter = body.kind === 'timer' ? body.seconds : old.expiresAfter
      const content = { id, sequence, first: sequence, sentAt, expiresAfter, acks: [], body }
      return {
        ...old,
        ...{ kind: 'open', nextSequence: sequence + 1, expiresAfter },
        secrets: old.secrets.length > 0 ? old.secrets : [secret],
        pending: [...old.pending, { content }],
        tail: isShown ? [...old.tail, messageOf(content, body, own.device)] : old.tail,
      }
    })
    return id
  }

  /** Tells the other devices of this account, if it has any. Returns whether there is something to send. */
  async function copy(account: string, id: ContentId): Promise<boolean> {
    const self = await conversations.get(own.account)
    const conversation = await conversations.get(account)
    const content = conversation?.pending.find((one) => one.content.id === id)?.content
    if (!self || !content || account === own.account || Object.keys(self.devices).length === 0) return false
    const bytes = encodeContent({ ...content, acks: [] })
    await add(own.account, { kind: 'sent', to: hexToBytes(account), content: bytes }, false)
    return true
  }

  return { add, copy }
}

function messageOf(content: Content, body: Body, device: string): ChatMessage {
  const { id, sequence, sentAt, expiresAfter } = content
  const expires = expiresAfter > 0 && { expiresAt: sentAt + 1_000 * expiresAfter }
  return {
    ...{ id, mine: true, device, sequence, sentAt, storedAt: sentAt, body, expiresAfter, state: 'waiting' },
    ...expires,
  }
}

function checkSize(content: Content): void {
  const bytes = encodeContent(content)
  sizeClass(bytes.length, RESERVE)
  bytes.fill(0)
}

/** A conversation of which some messages were read: what disappears begins to. */
export function asRead(conversation: Conversation, ids: readonly ContentId[], now: number): Conversation {
  const read = new Set(ids)
  const tail = conversation.tail.map((message) => {
    const begins = message.expiresAfter > 0 && read.has(message.id) && message.expiresAt === undefined
    return begins ? { ...message, expiresAt: now + 1_000 * message.expiresAfter } : message
  })
  return { ...conversation, unread: conversation.unread.filter((id) => !read.has(id)), tail }
}

export const isExpired =
  (now: number) =>
  ({ expiresAt }: ChatMessage): boolean =>
    expiresAt !== undefined && expiresAt <= now
