import type { Contact, Contacts } from './contacts.ts'
import type { ContentId } from './content.ts'
import type { Conversations } from './conversations.ts'
import type { ChatEvent } from './events.ts'
import { inOrder } from './ordering.ts'
import type { ChatMessage } from './record.ts'
import { gapsOf } from './sequences.ts'

/** How long a message waits for those that were sent before it. */
const GAP_WAIT_MS = 3_000

/** A message that a contact sent. */
export interface IncomingMessage extends ChatMessage {
  readonly account: string
  readonly contact: Contact
}

export interface IncomingDeps {
  readonly conversations: Conversations
  readonly contacts: Contacts
  readonly listen: (signal?: AbortSignal) => AsyncIterable<ChatEvent>
  readonly now: () => number
  readonly markRead: (account: string, ids: readonly ContentId[]) => Promise<void>
}

/**
 * Unread messages, those of one contact in order, and then the next ones as they come. A message is read when the next one
 * is asked for: whoever is killed while working on one gets it again. One that has others missing before it waits a moment
 * for them.
 */
export async function* unreadMessages(
  { conversations, contacts, listen, now, markRead }: IncomingDeps,
  signal?: AbortSignal,
): AsyncGenerator<IncomingMessage, void, undefined> {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted) return
  const events = listen(stopping.signal)[Symbol.asyncIterator]()
  let next = events.next()
  try {
    while (!signal?.aborted) {
      const found = await firstUnread()
      if (found && 'message' in found) {
        yield found.message
        await markRead(found.message.account, [found.message.id])
        continue
      }
      const wake = found ? await Promise.race([next, sleep(found.waitMs)]) : await next
      if (!wake) continue
      if (wake.done) return
      next = events.next()
    }
  } finally {
    stop()
    signal?.removeEventListener('abort', stop)
  }

  async function firstUnread(): Promise<{ message: IncomingMessage } | { waitMs: number } | undefined> {
    let waitMs = Infinity
    for (const conversation of await conversations.list()) {
      const { account, unread, kind, stored } = conversation
      const contact = contacts.get(account)
      if (kind !== 'open' || unread.length === 0 || !contact || contact.blocked) continue
      const wanted = new Set(unread)
      const waiting = inOrder(await conversations.messages(conversation)).filter(({ id }) => wanted.has(id))
      if (waiting.length === 0) await markRead(account, unread) // they have disappeared
      for (const message of waiting) {
        const state = stored[message.device]
        const gap = state && gapsOf(state).some(({ before }) => before <= message.sequence)
        const ready = gap ? message.storedAt + GAP_WAIT_MS - now() : 0
        if (ready <= 0) return { message: { ...message, account, contact } }
        waitMs = Math.min(waitMs, ready)
      }
    }
    return Number.isFinite(waitMs) ? { waitMs } : undefined
  }
}

const sleep = (ms: number): Promise<undefined> =>
  new Promise((resolve) => setTimeout(() => resolve(undefined), ms))
