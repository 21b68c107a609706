/** How a root stands: 'current', 'recent' (replaced, in the window), 'expired' (replaced before it) or 'unknown'. */
export type RootStatus = 'current' | 'recent' | 'expired' | 'unknown'

/** The roots that were replaced, each with the last second in which it is still accepted. */
export interface RootWindow {
  /** Remembers `root` as replaced in a block of this time (unix seconds). */
  replace(root: bigint, timestamp: number): void
  status(root: bigint, nowSeconds: number): Exclude<RootStatus, 'current'>
  /** Forgets what expired more than a window before this time. */
  prune(timestamp: number): void
}

/** Builds an empty window of `seconds`. */
export function rootWindow(seconds: number): RootWindow {
  const validUntil = new Map<bigint, number>()
  return {
    replace(root, timestamp) {
      validUntil.delete(root) // keeps the map in the order of time
      validUntil.set(root, timestamp + seconds)
    },
    status(root, nowSeconds) {
      const until = validUntil.get(root)
      if (until === undefined) return 'unknown'
      return nowSeconds <= until ? 'recent' : 'expired'
    },
    prune(timestamp) {
      for (const [root, until] of validUntil) {
        if (until + seconds >= timestamp) return
        validUntil.delete(root)
      }
    },
  }
}
