import { hexToBytes } from '@noble/hashes/utils.js'
import type { Hex } from 'viem'
import type { Sessions } from '../secure/types.ts'
import type { bundles } from './bundles.ts'
import { encodeContent, newContentId, type Content } from './content.ts'
import type { Conversations } from './conversations.ts'
import { ChatError } from './errors.ts'
import { pad, sizeClass } from './padding.ts'
import { markedAs } from './receiving.ts'
import { MAX_DEVICES, type Conversation, type Copy, type KnownDevice, type Pending } from './record.ts'
import { hashOf, resent } from './resending.ts'
import { topicTo } from './routing.ts'
import { ackOf, type Stored } from './sequences.ts'
import type { TopicLevels } from './topics.ts'

const MINUTE_MS = 60_000
const DAY_MS = 1_440 * MINUTE_MS
/** How long to wait for an acknowledgement before a copy is sent again, by how often it was sent. */
const AGAIN_MS = [0, 10 * MINUTE_MS, 60 * MINUTE_MS, 360 * MINUTE_MS, DAY_MS]
/** A copy that was sent so often and not acknowledged may be sealed for keys that are gone: */
const DOUBT_AFTER = 2
/** then the bundles are looked up daily, until it was sent so often. */
const DOUBT_UNTIL = 6
/** How often to look whether an account has other devices. */
export const DEVICES_MS = 7 * DAY_MS
/** Nodes forget what is older, so whoever has not read it by then never will. */
export const RETENTION_MS = 30 * DAY_MS

export interface OutgoingDeps {
  readonly conversations: Conversations
  readonly sessions: Sessions
  readonly bundles: Pick<ReturnType<typeof bundles>, 'fetch'>
  readonly send: (contentTopic: string, payload: Uint8Array) => Promise<unknown>
  /** Sends a message that waits in the outbox once more, byte for byte. */
  readonly resend: (hash: Hex) => Promise<unknown>
  readonly levels: TopicLevels
  /** Whether nothing goes to an account: no message that waits, and no acknowledgement. */
  readonly isBlocked: (account: string) => boolean
  /** What this account calls itself to those who don't know it. */
  readonly name?: string | undefined
  readonly now: () => number
}

/** When a copy is due, in milliseconds since 1970. */
export function dueAt({ sentAt, attempts }: Copy): number {
  return sentAt === undefined ? 0 : sentAt + AGAIN_MS[Math.min(attempts, AGAIN_MS.length - 1)]!
}

/**
 * Sends what a conversation owes to the other side: contents to each of its devices until that has acknowledged them, and
 * acknowledgements. A copy that a node has not taken is sent again byte for byte; one that nobody acknowledged is sealed anew.
 */
export function outgoing(deps: OutgoingDeps) {
  const { conversations, sessions, levels, now } = deps

  /** Looks up the devices of an account, begins sessions with new ones, and gives each pending content a copy for each. */
  async function withDevices(conversation: Conversation): Promise<Conversation> {
    const { account, devicesAt } = conversation
    const known = Object.keys(conversation.devices)
    const lost = known.some((device) => sessions.state({ account, device }) === 'none')
    const isDoubtful = known.some((device) => isInDoubt(conversation, device))
    const every = isDoubtful ? DAY_MS : DEVICES_MS
    if (known.length > 0 && !lost && devicesAt > now() - every) return addressed(conversation)
    const own = sessions.address
    const found = (await deps.bundles.fetch(account)).filter(({ address }) => address.device !== own.device)
    const anew = new Set<string>()
    for (const { address, bytes, madeAt } of found) {
      if (mayNotRead(conversation, address.device, madeAt)) anew.add(address.device)
      else if (sessions.state(address) !== 'none') continue
      await sessions.start(account, bytes)
    }
    const begun = sessions.devices(account).map(({ device }) => device)
    const newestFirst = [...new Set([...found.map(({ address }) => address.device), ...begun])]
    const reachable = newestFirst.filter((device) => device !== own.device && begun.includes(device))
    if (reachable.length === 0 && account !== own.account)
      throw new ChatError('This person has published no keys, or not for two weeks', { code: 'NO_DEVICES' })
    return addressed(conversation, reachable.slice(0, MAX_DEVICES), anew)
  }

  /** With `reachable`, these are the devices from now on; with those in `anew` another session has begun. */
  function addressed(
    { account }: Conversation,
    reachable?: readonly string[],
    anew?: ReadonlySet<string>,
  ): Promise<Conversation> {
    return conversations.change(account, (old) => {
      const names = reachable ?? Object.keys(old.devices)
      const first = old.pending[0]?.content.sequence ?? old.nextSequence
      const knownAs = (name: string): KnownDevice => ({
        ...(old.devices[name] ?? { first, knowsSecret: false }),
        ...(anew?.has(name) && { beganAt: now() }),
      })
      const devices = Object.fromEntries(names.map((name) => [name, knownAs(name)]))
      const pending = old.pending.flatMap((waiting) => {
        const wanted = names.filter(
          (name) => !waiting.copies || name in waiting.copies || !(name in old.devices),
        )
        const copies = Object.fromEntries(
          wanted.map((name) => [name, waiting.copies?.[name] ?? { attempts: 0 }]),
        )
        return wanted.length > 0 || names.length === 0 ? [{ ...waiting, copies }] : []
      })
      return { ...old, devices, pending, ...(reachable && { devicesAt: now() }) }
    })
  }

  /** Seals a content for one device, with what that device is owed besides, and hands it to a node. */
  async function give(conversation: Conversation, device: string, content: Content): Promise<void> {
    const { account, devices, stored } = conversation
    const owed = stored[device]
    const acks = owed && conversation.ackDue.includes(device) ? [ackOf(device, owed)] : []
    const told = toldTo(conversation, device)
    const full: Content = {
      ...content,
      ...(content.sequence > 0 && { first: Math.min(devices[device]?.first ?? Infinity, content.sequence) }),
      acks,
      ...(told && { topicSecret: hexToBytes(told), senderName: deps.name }),
    }
    const plain = encodeContent(full)
    const padded = (overhead: number) => pad(plain, sizeClass(plain.length, overhead) - overhead)
    const payload = await sessions.seal({ account, device }, padded)
    plain.fill(0)
    await deps.send(topicTo(conversation, device, now(), levels), payload)
    await acknowledged(account, device, owed)
  }

  /** A device was told what had been stored of it; more may have come since. */
  async function acknowledged(account: string, device: string, of: Stored | undefined): Promise<void> {
    await conversations.change(account, (old) => {
      const { [device]: _, ...acksWaiting } = old.acksWaiting ?? {}
      const isAll = JSON.stringify(old.stored[device]) === JSON.stringify(of)
      const ackDue = old.ackDue.filter((name) => name !== device || !isAll)
      return { ...old, spokeAt: now(), ackDue, acksWaiting }
    })
  }

  /** Sends an acknowledgement alone; one that waits goes again byte for byte. */
  async function giveAck(conversation: Conversation, device: string): Promise<void> {
    const { account, stored, acksWaiting } = conversation
    const waiting = acksWaiting?.[device]
    if (waiting && (await resent(deps.resend, waiting.hash))) return acknowledged(account, device, waiting.of)
    const content = { id: newContentId(), sequence: 0, first: 0, sentAt: now(), expiresAfter: 0, acks: [] }
    try {
      await give(conversation, device, content)
    } catch (error) {
      const hash = hashOf(error)
      if (hash) {
        const kept = { hash, of: stored[device] }
        await conversations.change(account, (old) => ({
          ...old,
          acksWaiting: { ...old.acksWaiting, [device]: kept },
        }))
      }
      throw error
    }
  }

  async function giveCopy(conversation: Conversation, { content }: Pending, device: string): Promise<void> {
    const { account } = conversation
    const { id } = content
    const setCopy = (change: (copy: Copy) => Copy, state?: 'sent') =>
      conversations.change(account, (old) => ({
        ...old,
        ...(state && { spokeAt: now() }),
        pending: old.pending.map((waiting) => {
          const copy = waiting.content.id === id ? waiting.copies?.[device] : undefined
          return copy ? { ...waiting, copies: { ...waiting.copies, [device]: change(copy) } } : waiting
        }),
        tail: state ? markedAs(old.tail, [id], state) : old.tail,
      }))
    const waiting = (await conversations.get(account))?.pending.find((one) => one.content.id === id)
      ?.copies?.[device]
    if (!waiting) return // acknowledged meanwhile
    let { told } = waiting
    try {
      if (!waiting.waiting || !(await resent(deps.resend, waiting.waiting))) {
        const isFirst = waiting.attempts === 0 && !waiting.waiting
        const telling = toldTo(conversation, device)
        told = isFirst || told === telling ? telling : undefined
        await give(conversation, device, content)
      }
    } catch (error) {
      const hash = hashOf(error)
      if (hash) await setCopy((copy) => ({ ...copy, waiting: hash, told }))
      throw error
    }
    await setCopy((copy) => ({ sentAt: now(), attempts: copy.attempts + 1, told }), 'sent')
  }

  return {
    /** Looks up the devices of an account, now. */
    lookUp: (conversation: Conversation) => withDevices({ ...conversation, devicesAt: 0 }),
    /**
     * Sends all that is due in a conversation. Throws what stops it; what was sent before stays sent.
     * @throws ChatError NO_DEVICES, TOO_LARGE; SendError, MessageIdError, NetError and others of `send`.
     */
    async run(account: string): Promise<void> {
      const found = await conversations.get(account)
      if (found?.kind !== 'open' || deps.isBlocked(account)) return
      const stale = found.pending.filter(({ content }) => content.sentAt < now() - RETENTION_MS)
      if (stale.length > 0) {
        await conversations.change(account, (old) => ({
          ...old,
          pending: old.pending.filter(({ content }) => content.sentAt >= now() - RETENTION_MS),
        }))
      }
      if (found.pending.length === 0 && found.ackDue.length === 0) return
      const conversation = found.pending.length > 0 ? await withDevices(found) : found
      for (const waiting of conversation.pending) {
        for (const [device, copy] of Object.entries(waiting.copies ?? {})) {
          if (dueAt(copy) > now()) continue
          const current = (await conversations.get(account)) ?? conversation
          await giveCopy(current, waiting, device)
        }
      }
      const after = await conversations.change(account, (old) => ({
        ...old,
        ackDue: old.ackDue.filter((device) => sessions.state({ account, device }) !== 'none'),
      }))
      for (const device of after.ackDue) await giveAck(after, device)
    },
    /** When something is due next, in milliseconds since 1970; Infinity if nothing is. */
    nextDue: ({ account, pending, ackDue, kind }: Conversation): number => {
      if (kind !== 'open' || deps.isBlocked(account)) return Infinity
      if (ackDue.length > 0) return 0
      const copies = pending.flatMap((waiting) =>
        waiting.copies ? Object.values(waiting.copies) : [{ attempts: 0 }],
      )
      return Math.min(Infinity, ...copies.map(dueAt))
    },
  }
}

/** How often the copy for a device that was sent most often was sent. */
const triesOf = ({ pending }: Conversation, device: string): number =>
  Math.max(0, ...pending.map(({ copies }) => copies?.[device]?.attempts ?? 0))

function isInDoubt(conversation: Conversation, device: string): boolean {
  const tries = triesOf(conversation, device)
  return tries >= DOUBT_AFTER && tries <= DOUBT_UNTIL
}

/** Whether a device has published keys since it was sent what it has not acknowledged: it was there, and could not read it. */
function mayNotRead({ pending, devices }: Conversation, device: string, publishedAt: number): boolean {
  const oldest = pending.find(({ copies }) => (copies?.[device]?.attempts ?? 0) >= DOUBT_AFTER)
  return oldest !== undefined && publishedAt > Math.max(oldest.content.sentAt, devices[device]?.beganAt ?? 0)
}

/** The secret that has to go to a device, if it may not know it. */
function toldTo({ secrets, devices }: Conversation, device: string): string | undefined {
  return devices[device]?.knowsSecret ? undefined : secrets[0]
}
