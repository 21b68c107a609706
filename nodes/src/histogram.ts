/** How many values were at most each bound, how many there were in all, and their sum. */
export interface HistogramCounts {
  /** Bound → values at most that large; every bound includes those before it. */
  readonly atMost: ReadonlyMap<number, number>
  readonly count: number
  readonly sum: number
}

export interface Histogram {
  observe(value: number): void
  read(): HistogramCounts
}

/** Seconds: from what a request in memory takes to what nobody waits for. */
export const SECONDS: readonly number[] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]

/** Counts values by their size; `bounds` ascend. */
export function histogram(bounds: readonly number[] = SECONDS): Histogram {
  const counts = new Array<number>(bounds.length + 1).fill(0)
  let sum = 0
  return {
    observe(value) {
      const at = bounds.findIndex((bound) => value <= bound)
      counts[at === -1 ? bounds.length : at]! += 1
      sum += value
    },
    read() {
      let count = 0
      const atMost = new Map(bounds.map((bound, at) => [bound, (count += counts[at]!)]))
      return { atMost, count: count + counts[bounds.length]!, sum }
    },
  }
}
