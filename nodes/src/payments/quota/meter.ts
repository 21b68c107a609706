import { QUOTA_DAY_SECONDS } from '@teahouse/protocol/rln'
import type { Quota, QuotaBook } from './book.ts'

/** Seconds for which a day goes on after its end, and begins before it: clocks differ. */
export const DAY_SLACK_SECONDS = 60

/** What peers have free because a member of this home stands behind them, without saying which. */
export interface QuotaMeter {
  /** The peer showed the proof of this quota: its requests on this connection use it. */
  bind(peerId: string, quota: Quota): void
  release(peerId: string): void
  /** Units of a service that the peer may still have. */
  left(peerId: string, service: string): number
  /** Takes units by service, which have to be left, at once; on disk when it resolves. */
  take(peerId: string, units: ReadonlyMap<string, number>): Promise<void>
}

export interface QuotaMeterDeps {
  readonly book: Pick<QuotaBook, 'used' | 'useAll'>
  /** Units that one quota has of a service. */
  readonly unitsOf: (service: string) => number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Uses quotas up in groups: what comes within one turn of the event loop is one commit to disk. */
export function quotaMeter({ book, unitsOf, now }: QuotaMeterDeps): QuotaMeter {
  const bound = new Map<string, Quota>()
  let waiting = new Map<bigint, Map<string, number>>()
  let commit: Promise<void> | undefined

  function quotaOf(peerId: string): Quota | undefined {
    const quota = bound.get(peerId)
    if (!quota || isDay(quota.day, now())) return quota
    bound.delete(peerId)
    return undefined
  }

  async function write(): Promise<void> {
    await new Promise((resolve) => void setImmediate(resolve))
    const group = waiting
    waiting = new Map()
    commit = undefined
    book.useAll(group)
  }

  return {
    bind: (peerId, quota) => void bound.set(peerId, quota),
    release: (peerId) => void bound.delete(peerId),
    left(peerId, service) {
      const quota = quotaOf(peerId)
      if (!quota) return 0
      const { nullifier } = quota
      const used = book.used(nullifier, service) + (waiting.get(nullifier)?.get(service) ?? 0)
      return Math.max(0, unitsOf(service) - used)
    },
    take(peerId, units) {
      const { nullifier } = bound.get(peerId)!
      const mine = waiting.get(nullifier) ?? new Map<string, number>()
      for (const [service, count] of units) mine.set(service, (mine.get(service) ?? 0) + count)
      waiting.set(nullifier, mine)
      return (commit ??= write())
    },
  }
}

/** Whether it is this day, at `nowMs`, by the node's clock or one that is a little off. */
export function isDay(day: number, nowMs: number): boolean {
  const seconds = nowMs / 1_000
  const start = day * QUOTA_DAY_SECONDS
  return seconds >= start - DAY_SLACK_SECONDS && seconds < start + QUOTA_DAY_SECONDS + DAY_SLACK_SECONDS
}
