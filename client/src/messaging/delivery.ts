import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { isTeahouseError } from '@teahouse/protocol/errors'
import { StorageError, type KeyValueStore } from '../storage/store.ts'
import { openProgress, type Progress } from './progress.ts'
import { queue } from './queue.ts'
import type { HistoryOptions, HistoryResult, Reader } from './reader.ts'
import type { ReceivedMessage } from './received.ts'

/** What happened beside messages. */
export type DeliveryNotice =
  /** All that stores had has been handed out. */
  | { readonly kind: 'caught-up' }
  /** No node answered; it is tried again. */
  | { readonly kind: 'offline'; readonly error: unknown }
  /**
   * A node's store did not show what another has, long after it was sent, and the node does not say that its operator has had it forget that.
   * The messages were handed out.
   */
  | { readonly kind: 'withheld'; readonly peerId: string; readonly messages: number }
  /** Only one node answered, so nobody checked it. */
  | { readonly kind: 'unchecked'; readonly peerId: string }

export interface DeliverOptions extends Pick<HistoryOptions, 'contentTopic' | 'prefer' | 'pay' | 'maxPaid'> {
  /** Unix seconds: where to begin what was never read before; now by default. */
  readonly since?: number | undefined
  /** Unix seconds: end when all that was sent before has been read. Without it, go on with what comes. */
  readonly until?: number | undefined
  /** Where the progress is kept; the client's storage by default. */
  readonly progress?: KeyValueStore | undefined
  /** Milliseconds between two looks into a second node's store while listening; 30 minutes by default. */
  readonly recheckMs?: number | undefined
  readonly onNotice?: ((notice: DeliveryNotice) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Messages, each once. Asking for the next one says that this one is safe; iterate once. */
export interface Delivery extends AsyncIterable<ReceivedMessage> {
  /** Looks into the stores again, soon: something is missing. */
  recheck(): void
}

export interface DeliveryDeps {
  readonly reader: Pick<Reader, 'history' | 'compare' | 'forgotten' | 'listen'>
  readonly storage: KeyValueStore
  /** Names account and network in the storage. */
  readonly scope: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const RECHECK_MS = 30 * 60_000
/** A ping costs some 400 bytes; a lost connection is noticed without one. */
const KEEPALIVE_MS = 5 * 60_000
const RETRY_MS = { first: 1_000, most: 60_000 }
const SAVE_EVERY_MS = 1_000
/** What is younger may still be on its way to a node. */
const TRAVEL_SECONDS = 30
/** Messages that wait for their turn; what comes beyond is read from stores later. */
const QUEUED = 1_000

/**
 * Delivers what was missed from the stores, and then messages as they come: each once, in the order of time as far as it is
 * known, across restarts. Two nodes are asked; what one does not show is fetched from the other. A message counts as handled
 * when the next one is asked for; after a crash the last second's may come again, with the same hash.
 * @throws StorageError from the loop; a network that is away is only a notice.
 */
export function deliver(deps: DeliveryDeps, options: DeliverOptions): Delivery {
  const feed = createFeed(deps, options)
  return {
    recheck: feed.recheck,
    async *[Symbol.asyncIterator]() {
      const { contentTopic, until, since } = options
      const storage = options.progress ?? deps.storage
      const progress = await openProgress(storage, keyOf(deps.scope, contentTopic), {
        since,
        now: deps.now() / 1000,
      })
      if (until !== undefined && progress.reachedUpTo() >= until) return
      let savedAt = deps.now()
      try {
        feed.start()
        for await (const event of feed.events) {
          const found = event === 'look' ? await feed.look(progress) : { messages: [event] }
          for (const message of found?.messages ?? []) {
            const at = secondsOf(message) ?? deps.now() / 1000
            if (progress.has(message.messageHash, at)) continue
            yield message
            progress.add(message.messageHash, at)
            if (deps.now() - savedAt < SAVE_EVERY_MS) continue
            await progress.save()
            savedAt = deps.now()
          }
          if (found?.reached !== undefined) progress.reached(found.reached)
          await progress.save()
          if (event === 'look' && found) options.onNotice?.({ kind: 'caught-up' })
          if (until !== undefined && found) return
          feed.handled(event)
        }
      } finally {
        feed.stop()
        await progress.save()
      }
    },
  }
}

/** Topics may be longer than the name of a file. */
const keyOf = (scope: string, contentTopic: string): string =>
  `delivery/${scope}/${bytesToHex(sha256(utf8ToBytes(contentTopic)).subarray(0, 16))}`

type Event = ReceivedMessage | 'look'

interface Found {
  readonly messages: readonly ReceivedMessage[]
  /** Unix seconds up to which stores were read. */
  readonly reached?: number
}

/** Where messages of one topic come from: a subscription, and looks into two stores. */
function createFeed({ reader, now }: DeliveryDeps, options: DeliverOptions) {
  const { contentTopic, prefer, pay, maxPaid, until, onNotice, recheckMs = RECHECK_MS } = options
  const events = queue<Event>(Infinity)
  const stopping = new AbortController()
  let waiting = 0
  let overflown = false
  let retryMs = RETRY_MS.first
  const timers = new Set<ReturnType<typeof setTimeout>>()
  const recheck = () => events.push('look')

  function later(ms: number, act: () => void): void {
    const timer = setTimeout(() => (timers.delete(timer), act()), ms)
    timers.add(timer)
  }

  function push(message: ReceivedMessage): void {
    if (waiting >= QUEUED) overflown = true
    else {
      waiting++
      events.push(message)
    }
  }

  async function listen(): Promise<void> {
    const { signal } = stopping
    const subscription = reader.listen({
      contentTopic,
      prefer,
      keepaliveMs: KEEPALIVE_MS,
      onReopened: recheck,
      signal,
    })
    const looking = subscription.ready.then(recheck, recheck) // a store may answer where no filter does
    try {
      for await (const message of subscription) push(message)
    } catch {
      await looking
    }
    if (!signal.aborted) later(RETRY_MS.most, () => void listen())
  }

  async function ask(progress: Progress): Promise<Found> {
    const startedAt = now() / 1000
    const { signal } = stopping
    const window = { contentTopic, since: progress.since(), until, prefer, signal }
    const first = await reader.history({ ...window, pay, maxPaid })
    const shown = new Set(first.messages.map(({ messageHash }) => messageHash))
    const second = await reader.compare(window, first.peerId, (hash) => shown.has(hash))
    if (!second) onNotice?.({ kind: 'unchecked', peerId: first.peerId })
    const extra = second?.messages ?? []
    const old = extra.filter((message) => (secondsOf(message) ?? 0) < startedAt - TRAVEL_SECONDS)
    const withheld = await unexcused(first, old)
    if (withheld.length > 0) onNotice?.({ kind: 'withheld', peerId: first.peerId, messages: withheld.length })
    const messages = [...first.messages, ...extra].sort(byTime)
    return { messages, reached: Math.min(startedAt, until ?? Infinity) }
  }

  /** What a node did not show and does not own up to. Asking costs no more than what is left of the limit. */
  async function unexcused(
    { peerId, paid }: HistoryResult,
    missing: readonly ReceivedMessage[],
  ): Promise<readonly ReceivedMessage[]> {
    if (missing.length === 0) return missing
    const left = maxPaid === undefined ? undefined : maxPaid > paid ? maxPaid - paid : 0n
    const options = { pay, maxPaid: left, signal: stopping.signal }
    const hashes = missing.map(({ messageHash }) => messageHash)
    const forgotten = await reader.forgotten(options, peerId, hashes)
    return missing.filter(({ messageHash }) => !forgotten.has(messageHash))
  }

  function stop(): void {
    options.signal?.removeEventListener('abort', stop)
    for (const timer of timers) clearTimeout(timer)
    stopping.abort()
    events.end()
  }

  return {
    events,
    recheck,
    stop,
    start(): void {
      options.signal?.addEventListener('abort', stop, { once: true })
      if (options.signal?.aborted) return stop()
      if (until !== undefined) return recheck()
      const repeat = () => later(recheckMs, () => (recheck(), repeat()))
      repeat()
      void listen()
    },
    /** Asks the stores; undefined if none answers, and then again later. */
    async look(progress: Progress): Promise<Found | undefined> {
      try {
        const found = await ask(progress)
        retryMs = RETRY_MS.first
        return found
      } catch (error) {
        if (stopping.signal.aborted) return undefined
        if (!isTeahouseError(error) || error instanceof StorageError) throw error
        onNotice?.({ kind: 'offline', error })
        // A store that shows more than a device reads would be read for that much again and again.
        const isTooMuch = error.code === 'TOO_MUCH'
        later(isTooMuch ? recheckMs : retryMs, recheck)
        retryMs = Math.min(2 * retryMs, RETRY_MS.most)
        return undefined
      }
    },
    handled(event: Event): void {
      if (event !== 'look') waiting--
      if (waiting > 0 || !overflown) return
      overflown = false
      recheck()
    },
  }
}

const secondsOf = ({ timestamp }: ReceivedMessage): number | undefined =>
  timestamp === undefined ? undefined : Number(timestamp / 1_000_000n) / 1000

function byTime(a: ReceivedMessage, b: ReceivedMessage): number {
  const [x, y] = [a.timestamp ?? 0n, b.timestamp ?? 0n]
  return x < y ? -1 : x > y ? 1 : 0
}
