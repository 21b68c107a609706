import { queue } from '../messaging/queue.ts'
import type { ContentId } from './content.ts'
import type { Contact } from './contacts.ts'

/** What a person may want to see at once. All of it can be read again from the chat: an event that is missed is no loss. */
export type ChatEvent =
  | { readonly kind: 'message'; readonly account: string; readonly id: ContentId }
  /** A stranger wrote. */
  | { readonly kind: 'request'; readonly account: string }
  | {
      readonly kind: 'sent' | 'delivered' | 'read'
      readonly account: string
      readonly ids: readonly ContentId[]
    }
  /** Messages were sent that no node has so far. */
  | { readonly kind: 'missing'; readonly account: string; readonly count: number }
  /** Something could not be sent; it is tried again. */
  | { readonly kind: 'unsent'; readonly account?: string; readonly error: unknown }
  | { readonly kind: 'contact'; readonly contact: Contact }
  /** A node's store did not show what another has. */
  | { readonly kind: 'withheld'; readonly peerId: string; readonly messages: number }
  | { readonly kind: 'offline'; readonly error: unknown }
  /** A message could not be opened, or held nothing that this version reads; nothing else changed. */
  | { readonly kind: 'unreadable'; readonly error: unknown }

const QUEUED = 1_000

/** Tells every listener; a slow one loses the oldest. */
export function broadcast() {
  const queues = new Set<ReturnType<typeof queue<ChatEvent>>>()
  return {
    emit(event: ChatEvent): void {
      for (const one of queues) one.push(event)
    },
    /** Events from now on, until `signal` or `end`. */
    listen(signal?: AbortSignal): AsyncIterable<ChatEvent> {
      const events = queue<ChatEvent>(QUEUED)
      queues.add(events)
      const stop = () => events.end()
      signal?.addEventListener('abort', stop, { once: true })
      if (signal?.aborted) stop()
      return {
        async *[Symbol.asyncIterator]() {
          try {
            yield* events
          } finally {
            queues.delete(events)
            signal?.removeEventListener('abort', stop)
          }
        },
      }
    },
    end(): void {
      for (const one of queues) one.end()
    },
  }
}
