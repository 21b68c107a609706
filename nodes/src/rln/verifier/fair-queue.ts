/** Waiting items of many sources, handed out in turns: one of each source, then the next of each. */
export interface FairQueue<T> {
  /**
   * Adds an item. What had to go for it is returned: the item itself if its source has `maxPerSource` waiting or the
   * queue is full of others' shorter rows, else the newest item of the longest row.
   */
  add(source: string, item: T): T | undefined
  /** Takes up to `count` items that `chosen` allows by their source, in turns. */
  take(count: number, chosen?: (source: string) => boolean): T[]
  /** Whether a source that `chosen` allows has something waiting. */
  has(chosen: (source: string) => boolean): boolean
  readonly size: number
  /** Takes all of one source. */
  drop(source: string): T[]
  /** Takes everything. */
  drain(): T[]
}

/** Read whenever something is added, so that they may change. */
export interface FairQueueConfig {
  readonly maxPerSource: number
  readonly maxTotal: number
}

export function fairQueue<T>(limits: FairQueueConfig): FairQueue<T> {
  /** In the order of turns: a source that was served goes to the end. */
  const rows = new Map<string, T[]>()
  let size = 0

  function longest(): [string, T[]] {
    let found: [string, T[]] = ['', []]
    for (const entry of rows) if (entry[1].length > found[1].length) found = entry
    return found
  }

  function makeRoom(length: number): T | undefined {
    const [source, row] = longest()
    if (row.length <= length + 1) return undefined
    const dropped = row.pop()
    if (row.length === 0) rows.delete(source)
    size--
    return dropped
  }

  function take(count: number, chosen: (source: string) => boolean): T[] {
    const taken: T[] = []
    for (const source of [...rows.keys()]) {
      if (taken.length === count) break
      if (!chosen(source)) continue
      const row = rows.get(source)!
      taken.push(row.shift()!)
      rows.delete(source)
      if (row.length > 0) rows.set(source, row)
    }
    size -= taken.length
    return taken
  }

  return {
    add(source, item) {
      const { maxPerSource, maxTotal } = limits
      const row = rows.get(source) ?? []
      if (row.length >= maxPerSource) return item
      const dropped = size >= maxTotal ? makeRoom(row.length) : undefined
      if (size >= maxTotal) return item
      row.push(item)
      rows.set(source, row)
      size++
      return dropped
    },
    take(count, chosen = () => true) {
      const taken: T[] = []
      while (taken.length < count) {
        const turn = take(count - taken.length, chosen)
        if (turn.length === 0) break
        taken.push(...turn)
      }
      return taken
    },
    has: (chosen) => [...rows.keys()].some(chosen),
    get size() {
      return size
    },
    drop(source) {
      const row = rows.get(source) ?? []
      rows.delete(source)
      size -= row.length
      return row
    },
    drain() {
      const all = [...rows.values()].flat()
      rows.clear()
      size = 0
      return all
    },
  }
}
