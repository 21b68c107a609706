/** Units that peers have had of services in the present window of each. */
export interface WindowCounter {
  /** How many more the peer may have in this window. */
  left(peerId: string, service: string): number
  /** Takes `units` of what the peer may have in this window; false, and nothing happens, when too few are left. */
  take(peerId: string, service: string, units: number): boolean
}

export interface WindowCounterInit {
  /** How many units a peer may have, in windows of how many seconds. */
  readonly limitOf: (service: string) => { readonly units: number; readonly windowSeconds: number }
  /** Peers remembered at most; the longest unseen one goes first. */
  readonly maxPeers: number
  readonly now: () => number
}

/** Windows begin at multiples of their length since 1970, so a restart or a reconnection does not move them. */
export function windowCounter({ limitOf, maxPeers, now }: WindowCounterInit): WindowCounter {
  const used = new Map<string, { window: number; units: number }>()

  function look(peerId: string, service: string) {
    const { units: limit, windowSeconds } = limitOf(service)
    const window = Math.floor(now() / 1_000 / windowSeconds)
    const key = `${service} ${peerId}`
    const before = used.get(key)
    return { key, window, limit, had: before?.window === window ? before.units : 0 }
  }

  return {
    left(peerId, service) {
      const { limit, had } = look(peerId, service)
      return limit - had
    },
    take(peerId, service, units) {
      const { key, window, limit, had } = look(peerId, service)
      if (limit === Infinity) return true
      if (had + units > limit) return false
      used.delete(key) // moves the peer to the end of the map
      used.set(key, { window, units: had + units })
      if (used.size > maxPeers) used.delete(used.keys().next().value!)
      return true
    },
  }
}
