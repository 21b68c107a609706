/** A peer that may be found under a namespace for a while. */
export interface Registration {
  readonly ns: string
  readonly peerId: string
  readonly signedPeerRecord: Uint8Array
  /** The network that it came from; undefined for private ones, which are not counted. */
  readonly network: string | undefined
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export interface Registrations {
  /** Replaces what the peer had under the namespace. False if there is no room, for its network or at all. */
  put(registration: Registration): boolean
  remove(ns: string, peerId: string): void
  /** The oldest first, of one namespace or of all, after a number that an earlier answer ended with. */
  list(query: { ns: string | undefined; after: number; limit: number }): {
    readonly found: readonly Registration[]
    readonly last: number
  }
}

export interface RegistrationLimits {
  readonly maxRegistrations: number
  readonly maxPeersPerNetwork: number
}

/** What a rendezvous point knows, in memory: peers register again anyway. */
export function registrations(
  { maxRegistrations, maxPeersPerNetwork }: RegistrationLimits,
  now: () => number = Date.now,
): Registrations {
  /** By namespace and peer; in the order of their numbers. */
  const all = new Map<string, Registration & { readonly number: number }>()
  let numbers = 0

  function expire(): void {
    for (const [key, { expiresAt }] of all) if (expiresAt <= now()) all.delete(key)
  }

  function isCrowded({ network, peerId }: Registration): boolean {
    if (network === undefined) return false
    const peers = new Set([...all.values()].filter((one) => one.network === network).map((one) => one.peerId))
    return !peers.has(peerId) && peers.size >= maxPeersPerNetwork
  }

  return {
    put(registration) {
      expire()
      const key = keyOf(registration)
      if (!all.has(key) && (all.size >= maxRegistrations || isCrowded(registration))) return false
      all.delete(key)
      all.set(key, { ...registration, number: ++numbers })
      return true
    },
    remove: (ns, peerId) => void all.delete(keyOf({ ns, peerId })),
    list({ ns, after, limit }) {
      expire()
      const found = [...all.values()]
        .filter((one) => one.number > after && (ns === undefined || one.ns === ns))
        .slice(0, limit)
      return { found, last: found.at(-1)?.number ?? after }
    },
  }
}

const keyOf = ({ ns, peerId }: Pick<Registration, 'ns' | 'peerId'>) => `${peerId} ${ns}`
