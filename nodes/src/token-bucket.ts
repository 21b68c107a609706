/** What may be used of something in a second, with a little saved up, handed out in turns to those that wait. */
export interface TokenBucket {
  /** Units a second from now on; undefined for no limit. What is owed stays owed. */
  setRate(perSecond: number | undefined): void
  /** Takes what was used already: the bucket may go below zero, and then all others wait. */
  spend(units: number): void
  /** Takes at most `units`; fewer or none if there are not as many, and none while others wait. */
  take(units: number): number
  /** Asks for `units`; when it is the caller's turn, gives it some of them, at least one. Returns how to give up waiting. */
  wait(units: number, given: (units: number) => void): () => void
  /** True if nothing is left, or somebody waits. */
  readonly isEmpty: boolean
  /** Units used since the start. */
  readonly used: number
}

export interface TokenBucketOptions {
  /** Units that one of those that wait is given in a turn at most. */
  readonly turn: number
  /** Seconds for which what was not used may be used later. */
  readonly burstSeconds: number
  /** Milliseconds; a test may have a clock of its own. */
  readonly now?: () => number
}

interface Waiting {
  readonly units: number
  readonly given: (units: number) => void
}

/** Milliseconds between two turns at least: timers are no finer. */
const TICK_MS = 5

export function tokenBucket({
  turn,
  burstSeconds,
  now = () => performance.now(),
}: TokenBucketOptions): TokenBucket {
  const waiting = new Set<Waiting>()
  let rate: number | undefined
  let tokens = 0
  let filledAt = now()
  let used = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const most = () => (rate === undefined ? Infinity : Math.max(turn, rate * burstSeconds))

  function fill(): void {
    const time = now()
    if (rate !== undefined) tokens = Math.min(most(), tokens + (rate * (time - filledAt)) / 1_000)
    filledAt = time
  }

  function give(units: number): number {
    const given = rate === undefined ? units : Math.max(0, Math.min(units, Math.floor(tokens)))
    if (rate !== undefined) tokens -= given
    used += given
    return given
  }

  function serve(): void {
    timer = undefined
    fill()
    for (const one of waiting) {
      if (rate !== undefined && tokens < 1) break
      waiting.delete(one)
      one.given(give(Math.min(one.units, turn)))
    }
    schedule()
  }

  /** Comes back when the first of those that wait can have a whole turn, or all that it asked for. */
  function schedule(): void {
    const [first] = waiting
    if (!first || timer !== undefined) return
    const missing = rate === undefined ? 0 : Math.min(first.units, turn, most()) - tokens
    const ms = rate === undefined ? 0 : (1_000 * missing) / rate
    timer = setTimeout(serve, Math.max(TICK_MS, Math.ceil(ms)))
    timer.unref()
  }

  return {
    setRate(perSecond) {
      fill()
      tokens = rate === undefined ? Math.max(turn, (perSecond ?? 0) * burstSeconds) : tokens
      rate = perSecond
      clearTimeout(timer)
      timer = undefined
      schedule()
    },
    spend(units) {
      fill()
      if (rate !== undefined) tokens -= units
      used += units
    },
    take(units) {
      if (waiting.size > 0) return 0
      fill()
      return give(units)
    },
    wait(units, given) {
      const one = { units, given }
      waiting.add(one)
      schedule()
      return () => void waiting.delete(one)
    },
    get isEmpty() {
      fill()
      return rate !== undefined && (waiting.size > 0 || tokens < 1)
    },
    get used() {
      return used
    },
  }
}
