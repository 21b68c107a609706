import type { Hex } from 'viem'
import type { Files } from '../files/files.ts'
import { spreadBy, type Weigh } from '../market/spread.ts'
import type { DeliverOptions, Delivery, DeliveryNotice } from '../messaging/delivery.ts'
import type { HistoryOptions, HistoryResult } from '../messaging/reader.ts'
import type { ChatIdentity, DeviceAddress, Sessions } from '../secure/types.ts'
import type { SealedStore } from '../storage/sealed-store.ts'
import { openBlockLists } from './block-lists.ts'
import { bundles } from './bundles.ts'
import { openContacts } from './contacts.ts'
import { conversations as openConversations } from './conversations.ts'
import { cover } from './cover.ts'
import { drafting } from './drafting.ts'
import { broadcast } from './events.ts'
import { following } from './following.ts'
import { inbound, missingIn, type Taken } from './inbound.ts'
import { DEVICES_MS, outgoing } from './outgoing.ts'
import { pump as createPump } from './pump.ts'
import type { ChatMessage } from './record.ts'
import { waitAfter } from './resending.ts'
import { loadPinyin } from './search.ts'
import { DEFAULT_LEVELS, type TopicLevels } from './topics.ts'
import { openDeviceState, removeExpired, topicsToFollow } from './upkeep.ts'

export interface ChatOptions {
  /** What this account calls itself to people who don't know it yet; nothing by default. */
  readonly name?: string | undefined
  /** Tell senders when their messages were read; off by default. */
  readonly readReceipts?: boolean | undefined
  /** Milliseconds that an acknowledgement waits for others, or for an answer that takes it along; 3,000 by default. */
  readonly ackDelayMs?: number | undefined
  /** The network's numbers of buckets. */
  readonly levels?: TopicLevels | undefined
  /** Pay nodes when they ask for it. */
  readonly pay?: boolean | undefined
  /** Messages an hour that nobody can read, sent at random times so that others stand out less; none by default. Each costs a message id. */
  readonly coverAnHour?: number | undefined
  /** Milliseconds between two looks into a second node's store; 30 minutes by default. */
  readonly recheckMs?: number | undefined
}

/** What the chat needs of a client. */
export interface ChatDeps {
  readonly sessions: Sessions
  /** The account's chat identity, which signs block lists. */
  readonly identity: ChatIdentity
  readonly store: SealedStore
  /** Where the bytes of attachments go; with a store of its own. */
  readonly files: Pick<Files, 'put' | 'get' | 'forget' | 'wipe'>
  readonly history: (options: HistoryOptions) => Promise<HistoryResult>
  readonly deliver: (options: DeliverOptions) => Delivery
  readonly send: (message: {
    contentTopic: string
    payload: Uint8Array
    pay?: boolean | undefined
  }) => Promise<unknown>
  /** Sends a message of the outbox again, byte for byte. */
  readonly resend: (hash: Hex) => Promise<unknown>
  /** Messages that may still be sent in this epoch, for cover traffic. */
  readonly remaining?: (() => Promise<{ readonly left: number; readonly limit: number }>) | undefined
  /** How nodes are weighed when topics are spread over them; all alike without it. */
  readonly weigh?: Weigh | undefined
  /** Makes sure that no other process uses this device's chat, until the result is called. */
  readonly hold: () => Promise<() => void>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const ACK_DELAY_MS = 3_000
const UPKEEP_MS = 60_000
const PUBLISH_RETRY_MS = { first: 60_000, most: 600_000 }
const RECHECK_PAUSE_MS = 60_000
const RESET_MS = 3_600_000

export type Engine = Awaited<ReturnType<typeof createEngine>>

/** What runs below a chat: which topics are read, what is done with what comes, what is sent when, and what is due now and then. */
export async function createEngine(deps: ChatDeps, options: ChatOptions) {
  const { sessions, store, now } = deps
  const { levels = DEFAULT_LEVELS, ackDelayMs = ACK_DELAY_MS, pay, recheckMs } = options
  const own = sessions.address
  const conversations = openConversations(store)
  const contacts = await openContacts(store, now, loadPinyin)
  const device = await openDeviceState(store, conversations, own, now())
  const events = broadcast()
  const { emit } = events
  const preferFor = spreadBy(device.spread, deps.weigh)
  const send = (contentTopic: string, payload: Uint8Array) => deps.send({ contentTopic, payload, pay })
  const history = (query: HistoryOptions) =>
    deps.history({ ...query, prefer: preferFor(query.contentTopic), pay })
  const lists = await openBlockLists({ store, history, now })
  const keys = bundles({ sessions, store, levels, history, send, resend: deps.resend, now })
  const out = outgoing({
    ...{ conversations, sessions, send, resend: deps.resend, levels, name: options.name, now },
    bundles: keys,
    isBlocked: (account) => contacts.get(account)?.blocked ?? false,
  })
  const pump = createPump({ conversations, out, emit, now })
  const drafts = drafting({ conversations, own, now })
  const handle = inbound({
    ...{ sessions, conversations, contacts, emit, now, onTaken, onPrekeyGone },
    isListed: lists.has,
  })
  const topics = following({
    deliver: deps.deliver,
    optionsFor: (topic) => ({ prefer: preferFor(topic), pay, recheckMs, progress: store }),
    handle: ({ payload }) => handle(payload),
    onNotice,
    onFailed(error, waitMs) {
      emit({ kind: 'offline', error })
      later(waitMs, refollow)
    },
  })
  const timers = new Set<ReturnType<typeof setTimeout>>()
  const resetAt = new Map<string, number>()
  let started = false
  let release: (() => void) | undefined
  let publishing: Promise<boolean> | undefined
  let recheckedAt = 0
  let isRecheckDue = false
  let failed = { times: 0, until: 0 }

  /** What goes on after the stop asks for nothing more: a timer would keep the process. */
  function later(ms: number, act: () => Promise<void>): void {
    if (!started) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      if (started) act().catch((error: unknown) => emit({ kind: 'offline', error }))
    }, ms)
    timers.add(timer)
  }

  const { remaining } = deps
  const covering =
    options.coverAnHour && remaining
      ? cover(options.coverAnHour, { levels, send, remaining, later, now })
      : undefined

  function onNotice(notice: DeliveryNotice): void {
    if (notice.kind === 'withheld' || notice.kind === 'offline') emit(notice)
  }

  async function refollow(): Promise<void> {
    if (!started) return
    const wanted = await topicsToFollow(
      conversations,
      contacts,
      { ...own, since: device.since },
      now(),
      levels,
    )
    if (started) topics.follow(wanted)
  }

  /** Looks for what is missing, once a minute at most: whoever leaves out numbers must not make this device read all day. */
  function recheck(): void {
    if (now() < recheckedAt + RECHECK_PAUSE_MS) {
      if (!isRecheckDue) later(recheckedAt + RECHECK_PAUSE_MS - now(), async () => recheckNow())
      isRecheckDue = true
    } else recheckNow()
  }
  function recheckNow(): void {
    isRecheckDue = false
    recheckedAt = now()
    topics.recheck()
  }

  /** Publishes this device's keys if that is due. */
  function publish(): Promise<boolean> {
    publishing ??= keys.publish().finally(() => (publishing = undefined))
    return publishing
  }
  async function tryToPublish(): Promise<void> {
    if (now() < failed.until) return
    try {
      await publish()
      failed = { times: 0, until: 0 }
    } catch (error) {
      const times = failed.times + 1
      failed = { times, until: now() + waitAfter(times, PUBLISH_RETRY_MS.first, PUBLISH_RETRY_MS.most) }
      emit({ kind: 'unsent', error })
    }
  }

  /** Finds the other devices of this account now and then; a new device tells them that it is there. */
  async function meetOwnDevices(): Promise<void> {
    const self = await conversations.change(own.account, (old) => old)
    if (self.devicesAt > now() - DEVICES_MS) return
    const { devices } = await out.lookUp(self)
    if (self.devicesAt > 0 || Object.keys(devices).length === 0) return
    await drafts.add(own.account, { kind: 'reset' }, false)
    await pump.run(own.account) // once it has spoken, this device is to follow where the others answer
  }

  /** What has disappeared can't be read from this device's keys any more either. */
  async function forgetFiles(gone: readonly ChatMessage[]): Promise<void> {
    for (const { body, mine } of gone)
      if (mine && body.kind === 'file') await deps.files.forget(body.reference)
  }

  async function upkeep(): Promise<void> {
    await removeExpired(conversations, now(), forgetFiles)
    await tryToPublish()
    await lists.refresh().catch((error: unknown) => emit({ kind: 'offline', error }))
    await meetOwnDevices().catch((error: unknown) => emit({ kind: 'offline', error }))
    await refollow()
    later(UPKEEP_MS, upkeep)
  }

  function onTaken(account: string, { before, conversation, content, began }: Taken): void {
    if (conversation.ackDue.length > 0) pump.wake(account, ackDelayMs)
    if (content.body?.kind === 'reset') pump.wake(account)
    if (began) keys.used()
    if (conversation.secrets.join() !== before?.secrets.join() || before.kind !== conversation.kind)
      later(0, refollow)
    if (conversation.kind === 'open' && missingIn(conversation) > (before ? missingIn(before) : 0)) recheck()
    if (conversation.tail.length > 0) void conversations.compact(account).catch(() => undefined) // tried again
  }

  /** Begins anew with a device that used keys which are gone, so that it sends again: contacts only, and once an hour. */
  function onPrekeyGone({ account, device: claimed }: DeviceAddress): void {
    const contact = contacts.get(account)
    if (!contact || contact.blocked || (resetAt.get(claimed) ?? 0) > now() - RESET_MS) return
    resetAt.set(claimed, now())
    later(0, async () => {
      const found = (await keys.fetch(account)).find(({ address }) => address.device === claimed)
      if (!found) return
      await sessions.start(account, found.bytes)
      await drafts.add(account, { kind: 'reset' }, false)
      pump.wake(account)
    })
  }

  return {
    ...{
      own,
      conversations,
      contacts,
      lists,
      events,
      send,
      levels,
      pump,
      drafts,
      publish,
      refollow,
      ackDelayMs,
      now,
    },
    caughtUp: topics.caughtUp,
    isStarted: () => started,
    async start(): Promise<void> {
      if (started) return
      release = await deps.hold()
      started = true
      await refollow()
      await pump.start()
      later(0, upkeep)
      covering?.start()
    },
    async stop(): Promise<void> {
      started = false
      for (const timer of timers) clearTimeout(timer)
      await topics.stop()
      await pump.stop()
      events.end()
      await sessions.close()
      release?.()
      release = undefined
    },
  }
}
