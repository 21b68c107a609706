import type { Hex } from 'viem'
import { dealState, type DealNow, type DealRole } from './machine.ts'
import type { DealView } from './payout.ts'
import type { DealTerms } from './terms.ts'

/** A deal as it was read. */
export interface Watched {
  readonly terms: DealTerms
  readonly view: DealView
  /** Time of the block that it was read at, in unix seconds. */
  readonly at: number
}

export type DealEvent =
  /** First of all, and whenever the deal has changed on chain or its time has run out. */
  | { readonly kind: 'state'; readonly deal: Hex; readonly now: DealNow }
  /** A deadline comes near: `who` loses by silence in `left` seconds. Once for each warning time. */
  | {
      readonly kind: 'deadline'
      readonly deal: Hex
      readonly at: number
      readonly who: readonly DealRole[]
      readonly left: number
    }
  /** The chain could not be read; it is tried again. */
  | { readonly kind: 'trouble'; readonly deal: Hex; readonly error: unknown }

export interface WatchOptions {
  readonly onEvent: (event: DealEvent) => void
  /** Seconds before a deadline at which its parties are woken; an hour, ten minutes and one minute by default. */
  readonly warnings?: readonly number[]
  /** Milliseconds between two looks at the chain; a look comes at each deadline and warning as well. */
  readonly pollMs?: number
  readonly signal?: AbortSignal
}

export interface WatchDeps {
  /** Reads the deal by the same way as everything else: over operators that agree, without an RPC endpoint. */
  readonly read: (deal: Hex) => Promise<Watched>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const WARNINGS = [3_600, 600, 60]
const POLL_MS = 15_000

/**
 * Follows a deal until it is closed, or `stop` or the signal ends it. The timers are its own: it works in a page, and after a sleep of the machine looks
 * at once. An event that throws does not end it.
 */
export function watchDeal({ read, now }: WatchDeps, deal: Hex, options: WatchOptions) {
  const { onEvent, warnings = WARNINGS, pollMs = POLL_MS, signal } = options
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  let last = ''
  /** Warnings that were given, as deadline and seconds. */
  const given = new Set<string>()

  function tell(event: DealEvent): void {
    try {
      onEvent(event)
    } catch {
      // Whoever listens has to look after its own errors.
    }
  }

  function warn({ deadline }: DealNow, seconds: number): void {
    if (!deadline) return
    const left = deadline.at - seconds
    const due = warnings.filter((before) => left <= before)
    const fresh = due.filter((before) => !given.has(`${deadline.at}/${before}`))
    for (const before of fresh) given.add(`${deadline.at}/${before}`)
    if (fresh.length > 0 && left >= 0) tell({ kind: 'deadline', deal, left, ...deadline })
  }

  /** Seconds until something is due without anybody doing anything. */
  function nextIn({ deadline, silence, overdue }: DealNow, seconds: number): number {
    const times = [
      ...(deadline ? warnings.map((before) => deadline.at - before) : []),
      ...(silence && !overdue ? [silence.from] : []),
    ]
    return Math.min(...times.filter((at) => at > seconds).map((at) => at - seconds))
  }

  async function look(): Promise<void> {
    let wait = pollMs
    try {
      const { terms, view, at } = await read(deal)
      if (stopped) return
      const seconds = Math.max(at, Math.floor(now() / 1_000))
      const state = dealState(terms, view, seconds)
      const mark = JSON.stringify([view.state, view.byPayee, view.endsAt, String(view.left), state.overdue])
      if (mark !== last) tell({ kind: 'state', deal, now: state })
      last = mark
      if (view.state === 'closed') return stop()
      warn(state, seconds)
      wait = Math.min(pollMs, nextIn(state, seconds) * 1_000)
    } catch (error) {
      if (!stopped) tell({ kind: 'trouble', deal, error })
    }
    if (!stopped) timer = setTimeout(() => void look(), wait)
  }

  function stop(): void {
    stopped = true
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }

  if (signal?.aborted) stopped = true
  else {
    signal?.addEventListener('abort', stop, { once: true })
    void look()
  }
  return { stop }
}
