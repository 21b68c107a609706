/** Counts that only grow, each under a key of which there are few. They are kept for whoever asks, and cost an addition until then. */
export interface Tally<Key extends string = string> {
  add(key: Key, by?: number): void
  counts(): Readonly<Partial<Record<Key, number>>>
}

export function tally<Key extends string = string>(): Tally<Key> {
  const counts: Partial<Record<Key, number>> = {}
  return {
    add: (key, by = 1) => void (counts[key] = (counts[key] ?? 0) + by),
    counts: () => ({ ...counts }),
  }
}
