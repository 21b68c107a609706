import { randomInt } from 'node:crypto'
import { WAKE_STATUS as STATUS, type WakeQuestion } from '@teahouse/protocol/wake'
import { Refusal } from '../net/index.ts'
import { rateLimit } from '../rate-limit.ts'
import type { Wake, WakeBook } from './book.ts'
import type { WakeConfig } from './config.ts'
import { isCallable, type Signal, type Signalled } from './signal.ts'

export interface WakeDeskDeps {
  readonly book: WakeBook
  readonly signal: Signal
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Of devices now, and of signals since the start by what became of them; `skipped` for want of room. */
export interface WakeCounts {
  readonly endpoints: number
  readonly signals: Readonly<Record<Signalled | 'skipped', number>>
}

export interface WakeDesk {
  /** Until when the endpoint is kept, unix seconds; 0 when it was forgotten. Throws Refusal. */
  subscribe(question: WakeQuestion, address: string): Promise<number>
  /** A message of this content topic came. */
  push(contentTopic: string): void
  counts(): WakeCounts
  /** Sends nothing any more. */
  stop(): void
}

const DAY_SECONDS = 86_400

/** Who is woken by what. Everything is in memory, too, since every message asks. */
export function wakeDesk(config: WakeConfig, { book, signal, now }: WakeDeskDeps): WakeDesk {
  const requests = rateLimit(config.requestsPerSecond, config.requestsAtOnce)
  const byEndpoint = new Map<string, Wake>()
  const byTopic = new Map<string, Set<string>>()
  /** When each endpoint may be signalled again, in milliseconds since 1970. */
  const quietUntil = new Map<string, number>()
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  /** Since when every signal to it has failed, in milliseconds since 1970. */
  const failingSince = new Map<string, number>()
  const signals = { taken: 0, gone: 0, failed: 0, skipped: 0 }
  let underWay = 0
  let stopped = false
  const seconds = () => Math.floor(now() / 1_000)

  book.prune(seconds())
  for (const wake of book.all()) remember(wake)

  function remember(wake: Wake): void {
    forget(wake.endpoint)
    byEndpoint.set(wake.endpoint, wake)
    for (const topic of wake.topics) byTopic.set(topic, (byTopic.get(topic) ?? new Set()).add(wake.endpoint))
  }

  function forget(endpoint: string): void {
    for (const topic of byEndpoint.get(endpoint)?.topics ?? []) {
      const endpoints = byTopic.get(topic)
      endpoints?.delete(endpoint)
      if (endpoints?.size === 0) byTopic.delete(topic)
    }
    byEndpoint.delete(endpoint)
    quietUntil.delete(endpoint)
    failingSince.delete(endpoint)
    clearTimeout(timers.get(endpoint))
    timers.delete(endpoint)
  }

  function drop(endpoint: string): void {
    forget(endpoint)
    book.remove(endpoint)
  }

  function dropOver(): void {
    for (const { endpoint, until } of byEndpoint.values()) if (until < seconds()) drop(endpoint)
  }

  async function send(endpoint: string): Promise<void> {
    timers.delete(endpoint)
    const wake = byEndpoint.get(endpoint)
    if (stopped || !wake) return
    if (wake.until < seconds()) return drop(endpoint)
    if (underWay >= config.atOnce) return void signals.skipped++
    underWay++
    quietUntil.set(endpoint, now() + config.everyMs)
    const became = await signal(endpoint).finally(() => underWay--)
    signals[became]++
    if (became === 'gone' || (became === 'failed' && isDead(endpoint))) drop(endpoint)
    if (became === 'taken') failingSince.delete(endpoint)
  }

  /** Notes a failure; whether there was nothing else for too long. */
  function isDead(endpoint: string): boolean {
    const since = failingSince.get(endpoint) ?? now()
    // One that was forgotten meanwhile leaves no trace.
    if (byEndpoint.has(endpoint)) failingSince.set(endpoint, since)
    return now() - since >= config.failingMs
  }

  return {
    async subscribe({ endpoint, topics, until: wanted }, address) {
      if (!config.enabled) throw new Refusal(STATUS.refused, 'REFUSED: this node wakes nobody')
      if (!requests.take(address)) throw new Refusal(STATUS.tooMany, 'TOO_MANY_REQUESTS: ask later')
      if (topics.length === 0) {
        drop(endpoint)
        return 0
      }
      if (!isCallable(endpoint, config))
        throw new Refusal(STATUS.refused, 'REFUSED: an endpoint is https, and of the Internet')
      const until = Math.min(wanted, seconds() + config.maxDays * DAY_SECONDS)
      if (until <= seconds()) throw new Refusal(STATUS.badRequest, 'BAD_REQUEST: it is over already')
      if (!byEndpoint.has(endpoint)) {
        dropOver()
        if (byEndpoint.size >= config.maxEndpoints) throw new Refusal(STATUS.full, 'FULL: no room')
        // Whoever names somebody else's server has the node call it once, and never again.
        if ((await signal(endpoint)) !== 'taken')
          throw new Refusal(STATUS.refused, 'REFUSED: the push service did not take a signal')
        if (byEndpoint.size >= config.maxEndpoints) throw new Refusal(STATUS.full, 'FULL: no room')
      }
      const wake = { endpoint, topics: [...new Set(topics)], until }
      book.put(wake)
      remember(wake)
      return until
    },
    push(contentTopic) {
      for (const endpoint of byTopic.get(contentTopic) ?? []) {
        if (timers.has(endpoint)) continue
        const quiet = Math.max(0, (quietUntil.get(endpoint) ?? 0) - now())
        const wait = quiet + (config.delayMs > 0 ? randomInt(config.delayMs) : 0)
        timers.set(
          endpoint,
          setTimeout(() => void send(endpoint), wait),
        )
      }
    },
    counts: () => ({ endpoints: byEndpoint.size, signals: { ...signals } }),
    stop() {
      stopped = true
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
    },
  }
}
