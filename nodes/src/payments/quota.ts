/** Free requests by peer and service in fixed windows. */
export interface FreeQuota {
  /** Takes `units` of the peer's free requests in this window; false, and nothing happens, when too few are left. */
  take(peerId: string, service: string, units: number): boolean
}

export interface FreeQuotaInit {
  readonly perWindow: number
  readonly windowSeconds: number
  /** Peers remembered at most; the longest unseen one goes first. */
  readonly maxPeers: number
  readonly now: () => number
}

/** Windows begin at multiples of their length since 1970, so a restart or a reconnection does not move them. */
export function freeQuota({ perWindow, windowSeconds, maxPeers, now }: FreeQuotaInit): FreeQuota {
  const used = new Map<string, { window: number; units: number }>()

  return {
    take(peerId, service, units) {
      const key = `${service} ${peerId}`
      const window = Math.floor(now() / 1_000 / windowSeconds)
      const before = used.get(key)
      const total = (before?.window === window ? before.units : 0) + units
      if (total > perWindow) return false
      used.delete(key) // moves the peer to the end of the map
      used.set(key, { window, units: total })
      if (used.size > maxPeers) used.delete(used.keys().next().value!)
      return true
    },
  }
}
