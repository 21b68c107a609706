export interface RateLimit {
  /** Takes one request of an address, or as many as are given; false, and none taken, if it has not so many left at present. */
  take(address: string, count?: number): boolean
}

interface Bucket {
  left: number
  at: number
}

/** Addresses that are remembered; the one that asked longest ago is forgotten first. */
const MAX_ADDRESSES = 4_096

/** A token bucket an address: `burst` requests, refilled by `perSecond`. `now` in milliseconds. */
export function rateLimit(
  perSecond: number,
  burst: number,
  now: () => number = () => performance.now(),
): RateLimit {
  const buckets = new Map<string, Bucket>()
  return {
    take(address, count = 1) {
      const at = now()
      const known = buckets.get(address) ?? { left: burst, at }
      const left = Math.min(burst, known.left + ((at - known.at) / 1_000) * perSecond)
      // More than there can ever be takes all that there can be.
      const wanted = Math.min(count, burst)
      const taken = left >= wanted
      buckets.delete(address)
      buckets.set(address, { left: taken ? left - wanted : left, at })
      if (buckets.size > MAX_ADDRESSES) buckets.delete(buckets.keys().next().value!)
      return taken
    },
  }
}
