/** Two lanes that share the threads' time by weight. */
export type Lane = 'trusted' | 'other'

export interface Lanes {
  /** Which lane is served next, of those that have something waiting; undefined if none has. */
  next(hasTrusted: boolean, hasOther: boolean): Lane | undefined
  /** Notes what serving a lane took. */
  spent(lane: Lane, ms: number): void
}

/** Share of the time that the other lane may take from the trusted one while both have something waiting. */
const OTHER_SHARE = 0.1
const WEIGHT: Record<Lane, number> = { trusted: 1 - OTHER_SHARE, other: OTHER_SHARE }

/** Fair by time, not by count, since a bad proof takes longer. A lane that had nothing waiting saves up no time. */
export function lanes(): Lanes {
  const clock: Record<Lane, number> = { trusted: 0, other: 0 }
  /** The clock of the lane that was served last: who comes back from idling starts there. */
  let now = 0
  const idled = { trusted: true, other: true }

  return {
    next(hasTrusted, hasOther) {
      const waiting = { trusted: hasTrusted, other: hasOther }
      for (const lane of ['trusted', 'other'] as const) {
        if (waiting[lane] && idled[lane]) clock[lane] = Math.max(clock[lane], now)
        idled[lane] = !waiting[lane]
      }
      if (!hasTrusted && !hasOther) return undefined
      const lane = !hasOther || (hasTrusted && clock.trusted <= clock.other) ? 'trusted' : 'other'
      now = clock[lane]
      return lane
    },
    spent(lane, ms) {
      clock[lane] += ms / WEIGHT[lane]
    },
  }
}
