import type { ChatMessage, Conversation } from './record.ts'
import { gapsOf } from './sequences.ts'

/** What a person sees of a conversation: messages, and where some are missing. */
export type Entry =
  | ({ readonly kind: 'message' } & ChatMessage)
  /** Messages that were sent, and that no node that was asked has. */
  | { readonly kind: 'missing'; readonly count: number; readonly device: string }

/**
 * Messages in the order of a conversation: by the time at which they were sent, but those of one device in the order in which
 * it sent them, whatever its clock did, and none later than it was stored.
 */
export function inOrder(messages: readonly ChatMessage[]): ChatMessage[] {
  const timed = new Map<ChatMessage, number>()
  const devices = Map.groupBy(messages, ({ device }) => device)
  for (const sent of devices.values()) {
    let last = 0
    for (const message of sent.sort((a, b) => a.sequence - b.sequence)) {
      last = Math.max(last, Math.min(message.sentAt, message.storedAt))
      timed.set(message, last)
    }
  }
  const order = (a: ChatMessage, b: ChatMessage) =>
    timed.get(a)! - timed.get(b)! || a.device.localeCompare(b.device) || a.sequence - b.sequence
  return [...messages].sort(order)
}

/** The same, with what is missing in its place. */
export function entriesOf(
  { stored }: Pick<Conversation, 'stored'>,
  messages: readonly ChatMessage[],
): Entry[] {
  const gaps = Object.entries(stored).flatMap(([device, state]) =>
    gapsOf(state).map((gap) => ({ device, ...gap })),
  )
  const entries: Entry[] = []
  for (const message of inOrder(messages)) {
    const before = gaps.filter(
      ({ device, before: at }) => device === message.device && at <= message.sequence,
    )
    for (const gap of before) {
      gaps.splice(gaps.indexOf(gap), 1)
      entries.push({ kind: 'missing', count: gap.count, device: gap.device })
    }
    entries.push({ kind: 'message', ...message })
  }
  for (const { count, device } of gaps) entries.push({ kind: 'missing', count, device })
  return entries
}
