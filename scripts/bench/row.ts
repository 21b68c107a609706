/** What a row must reach; every part that is given has to hold. */
export interface Gate {
  /** How many times better than the first peer. */
  readonly ratio?: number
  /** Bounds of our own median, in the row's unit. */
  readonly atMost?: number
  readonly atLeast?: number
}

/** One line of a result: what was measured, how we did, and how others did in the same run. */
export interface Row {
  readonly metric: string
  readonly unit: string
  /** Our median, and the best of our rounds; null if there is nothing to measure, which misses any gate. */
  readonly ours: number | null
  readonly min: number | null
  /** Medians of the others; the first is what `ratio` refers to. */
  readonly peers: Readonly<Record<string, number>>
  /** How many times better than the first peer; null without a peer. */
  readonly ratio: number | null
  readonly gate: Gate | null
}
