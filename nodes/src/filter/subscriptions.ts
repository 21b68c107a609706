/** What peers want pushed, and who wants a message; in memory, since it is worth nothing without the connection. */
export interface Subscriptions {
  /** Adds criteria; false (and nothing added) if the peer would have more than its share or peers are too many. */
  add(peerId: string, pubsubTopic: string, contentTopics: readonly string[]): boolean
  /** Removes criteria; false if the peer has no subscription at all. */
  remove(peerId: string, pubsubTopic: string, contentTopics: readonly string[]): boolean
  /** Removes all of a peer's criteria; false if it had none. */
  removeAll(peerId: string): boolean
  has(peerId: string): boolean
  peers(): string[]
  subscribersOf(pubsubTopic: string, contentTopic: string): string[]
  /** All criteria that somebody has. */
  all(): { pubsubTopic: string; contentTopic: string }[]
}

export interface SubscriptionLimits {
  readonly maxPeers: number
  /** Pairs of pubsub and content topic that one peer may have. */
  readonly maxCriteriaPerPeer: number
}

export function subscriptions({ maxPeers, maxCriteriaPerPeer }: SubscriptionLimits): Subscriptions {
  const criteriaOf = new Map<string, Set<string>>()
  const peersOf = new Map<string, Set<string>>()
  // Pubsub topics have no NUL, so a pair cannot be read as another one.
  const pair = (pubsubTopic: string, contentTopic: string) => `${pubsubTopic}\0${contentTopic}`

  function drop(peerId: string, criterion: string): void {
    const peers = peersOf.get(criterion)
    peers?.delete(peerId)
    if (peers?.size === 0) peersOf.delete(criterion)
  }

  return {
    add(peerId, pubsubTopic, contentTopics) {
      const known = criteriaOf.get(peerId)
      if (!known && criteriaOf.size >= maxPeers) return false
      const criteria = new Set(known)
      for (const contentTopic of contentTopics) criteria.add(pair(pubsubTopic, contentTopic))
      if (criteria.size > maxCriteriaPerPeer) return false
      criteriaOf.set(peerId, criteria)
      for (const criterion of criteria) {
        const peers = peersOf.get(criterion) ?? new Set()
        peersOf.set(criterion, peers.add(peerId))
      }
      return true
    },
    remove(peerId, pubsubTopic, contentTopics) {
      const criteria = criteriaOf.get(peerId)
      if (!criteria) return false
      for (const contentTopic of contentTopics) {
        const criterion = pair(pubsubTopic, contentTopic)
        if (criteria.delete(criterion)) drop(peerId, criterion)
      }
      if (criteria.size === 0) criteriaOf.delete(peerId)
      return true
    },
    removeAll(peerId) {
      const criteria = criteriaOf.get(peerId)
      for (const criterion of criteria ?? []) drop(peerId, criterion)
      return criteriaOf.delete(peerId)
    },
    has: (peerId) => criteriaOf.has(peerId),
    peers: () => [...criteriaOf.keys()],
    all: () =>
      [...peersOf.keys()].map((criterion) => {
        const [pubsubTopic = '', contentTopic = ''] = criterion.split('\0')
        return { pubsubTopic, contentTopic }
      }),
    subscribersOf: (pubsubTopic, contentTopic) => [...(peersOf.get(pair(pubsubTopic, contentTopic)) ?? [])],
  }
}
