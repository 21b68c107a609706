import { hexToBytes } from '@noble/hashes/utils.js'
import type { Conversation } from './record.ts'
import { conversationTopic, dayOf, inboxTopic, startOfDay, type TopicLevels } from './topics.ts'

const DAY_MS = 86_400_000
/** A device listens on a pair's topics so long after either side's last word. */
export const LISTEN_DAYS = 8
/** One writes there only so long after the other side's last word; the difference is for what is on its way. */
export const WRITE_DAYS = 6
/** How far two clocks may differ around midnight. */
const SKEW_MS = 10 * 60_000

/** A topic to read, from `since` on (unix seconds), and to the end of a day that is over. */
export interface Wanted {
  readonly topic: string
  readonly since: number
  readonly until?: number
}

/** Where a message to a device goes: to the pair's bucket of today if the other side listens there, else to the inbox. */
export function topicTo(
  conversation: Conversation,
  device: string,
  nowMs: number,
  levels: TopicLevels,
): string {
  const { account, secrets, devices, heardAt } = conversation
  const [secret] = secrets
  const listens = devices[device]?.knowsSecret && heardAt > nowMs - WRITE_DAYS * DAY_MS
  if (!secret || !listens) return inboxTopic(hexToBytes(account), levels)
  return conversationTopic(hexToBytes(secret), dayOf(nowMs), levels)
}

/** The topics of a conversation that one listens to now, and those of days that may have been missed. */
export function topicsOf(conversation: Conversation, nowMs: number, levels: TopicLevels): Wanted[] {
  const { kind, secrets, heardAt, spokeAt } = conversation
  const activeAt = Math.max(heardAt, spokeAt)
  if (kind !== 'open' || secrets.length === 0 || activeAt < nowMs - LISTEN_DAYS * DAY_MS) return []
  const first = dayOf(activeAt - SKEW_MS)
  const last = dayOf(nowMs + SKEW_MS)
  return secrets.flatMap((secret) => {
    const key = hexToBytes(secret)
    const days = Array.from({ length: last - first + 1 }, (_, i) => first + i)
    return days.map((day) => {
      const topic = conversationTopic(key, day, levels)
      const since = (startOfDay(day) - SKEW_MS) / 1000
      const end = startOfDay(day + 1) + SKEW_MS
      return { topic, since, ...(end <= nowMs && { until: end / 1000 }) }
    })
  })
}

/**
 * The topics by which others reach a device in the next days: its inbox, and each pair's bucket of each day. A name of a bucket says nothing, but
 * whoever is given all of them learns that they belong together.
 */
export function topicsAhead(
  account: string,
  conversations: readonly Conversation[],
  { nowMs, days, levels }: { readonly nowMs: number; readonly days: number; readonly levels: TopicLevels },
): string[] {
  const ahead = Array.from({ length: days }, (_, day) => dayOf(nowMs) + day)
  const secrets = conversations
    .filter(({ kind, heardAt, spokeAt }) => {
      return kind === 'open' && Math.max(heardAt, spokeAt) > nowMs - LISTEN_DAYS * DAY_MS
    })
    .flatMap((conversation) => conversation.secrets.slice(0, 1))
  const buckets = secrets.flatMap((secret) =>
    ahead.map((day) => conversationTopic(hexToBytes(secret), day, levels)),
  )
  return [...new Set([inboxTopic(hexToBytes(account), levels), ...buckets])]
}

/** One entry a topic: two conversations, or two days, may share a bucket. */
export function merged(wanted: readonly Wanted[]): Wanted[] {
  const byTopic = Map.groupBy(wanted, ({ topic }) => topic)
  return [...byTopic].map(([topic, all]) => {
    const since = Math.min(...all.map((one) => one.since))
    const until = Math.max(...all.map((one) => one.until ?? Infinity))
    return { topic, since, ...(Number.isFinite(until) && { until }) }
  })
}
