import { hexToBytes, randomBytes } from '@noble/hashes/utils.js'
import type { DeviceAddress } from '../secure/types.ts'
import type { SealedStore } from '../storage/sealed-store.ts'
import type { Contacts } from './contacts.ts'
import type { Conversations } from './conversations.ts'
import { isExpired } from './drafting.ts'
import { parse, serialize, type ChatMessage } from './record.ts'
import { merged, topicsOf, type Wanted } from './routing.ts'
import { inboxTopic, type TopicLevels } from './topics.ts'

const DEVICE = 'state/device'

/** What this device remembers of itself. */
interface DeviceState {
  readonly device: string
  /** Unix seconds when it was made: nobody can have written to it before. */
  readonly since: number
  /** Decides which node is asked for which topic; 32 bytes. */
  readonly spread: Uint8Array
}

/**
 * The state of this device; a new one at its first start. Other devices know nothing of a new device: whom it writes to and
 * what it sent is forgotten then, so that its sequences begin with what it sends.
 */
export async function openDeviceState(
  store: SealedStore,
  conversations: Conversations,
  { device }: DeviceAddress,
  now: number,
): Promise<DeviceState> {
  const stored = await store.get(DEVICE)
  const old = stored && parse<DeviceState>(stored.value)
  if (old?.device === device) return old
  for (const { account } of await conversations.list()) {
    await conversations.change(account, (conversation) => ({
      ...conversation,
      ...{ devices: {}, devicesAt: 0, ackDue: [] },
      pending: conversation.pending.map(({ content }) => ({ content })),
    }))
  }
  const state = { device, since: now / 1000, spread: randomBytes(32) }
  await store.set(DEVICE, serialize(state))
  return state
}

/** Everything that this device reads now: its inbox, and the buckets of its conversations. */
export async function topicsToFollow(
  conversations: Conversations,
  contacts: Contacts,
  { account, since }: { readonly account: string; readonly since: number },
  now: number,
  levels: TopicLevels,
): Promise<Wanted[]> {
  const all = (await conversations.list()).filter((one) => !contacts.get(one.account)?.blocked)
  const inbox = { topic: inboxTopic(hexToBytes(account), levels), since }
  return merged([inbox, ...all.flatMap((conversation) => topicsOf(conversation, now, levels))])
}

/** Deletes messages whose time has come. `before` is told of them first, and again if it was killed meanwhile. */
export async function removeExpired(
  conversations: Conversations,
  now: number,
  before: (gone: readonly ChatMessage[]) => Promise<void>,
): Promise<void> {
  const isGone = isExpired(now)
  for (const conversation of await conversations.list()) {
    if (conversation.pages > 0) await conversations.prunePages(conversation, isGone, before)
    const gone = conversation.tail.filter(isGone)
    if (gone.length === 0) continue
    await before(gone)
    await conversations.change(conversation.account, (old) => {
      const tail = old.tail.filter((message) => !isGone(message))
      const left = new Set(tail.map(({ id }) => id))
      return {
        ...old,
        tail,
        unread: old.unread.filter((id) => left.has(id) || !old.tail.some((m) => m.id === id)),
      }
    })
  }
}
