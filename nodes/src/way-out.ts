import type { Uplink } from './edge/uplink.ts'
import { Refusal } from './net/index.ts'
import type { Relay } from './relay/index.ts'

/** The way of a message to the others, and of theirs to those that this node serves. */
export interface WayOut extends Pick<Relay, 'publish' | 'peers'> {
  /** Resolves when such messages will come. Throws Refusal 503. */
  want(pubsubTopic: string, contentTopics: readonly string[]): Promise<void>
}

export interface WayOutDeps {
  readonly gossip: Pick<Relay, 'publish' | 'peers' | 'isRunning'>
  readonly edge: Pick<Uplink, 'publish' | 'peers' | 'want'>
  /** Whether accepted messages are kept on disk. */
  readonly keeps: () => boolean
}

/** `NO_PEERS_TO_RELAY` of light push. */
const NO_PEERS = 505

/**
 * By gossip where somebody takes it, else by the nodes that an edge node leans on: while a node changes from one to the other, both run.
 * What nobody took and nobody keeps is not published.
 */
export function wayOut({ gossip, edge, keeps }: WayOutDeps): WayOut {
  const gossips = (pubsubTopic: string) =>
    gossip.isRunning() && (gossip.peers(pubsubTopic) > 0 || edge.peers() === 0)

  return {
    async publish(pubsubTopic, message) {
      if (!gossips(pubsubTopic)) return await edge.publish(pubsubTopic, message)
      const published = await gossip.publish(pubsubTopic, message)
      if (published.peers === 0 && !published.seen && !keeps())
        throw new Refusal(NO_PEERS, 'NO_PEERS_TO_RELAY: nobody took the message, and this node keeps none')
      return published
    },
    peers: (pubsubTopic) => (gossips(pubsubTopic) ? gossip.peers(pubsubTopic) : edge.peers()),
    async want(pubsubTopic, contentTopics) {
      if (!gossip.isRunning()) await edge.want(pubsubTopic, contentTopics)
    },
  }
}
