import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import {
  gossipsub,
  StrictNoSign,
  type GossipSub,
  type GossipSubComponents,
  type Message,
} from '@libp2p/gossipsub'
import { createTopicScoreParams } from '@libp2p/gossipsub/score'
import { PROTOCOLS } from '@teahouse/protocol/wire'

/** Heartbeats of the message cache; those that are gossiped about. As in nwaku. */
const CACHE_HEARTBEATS = { kept: 6, gossiped: 3 }
/** Largest gossip frame, in bytes: several messages of 150 KiB share one when a peer asks for them. */
const MAX_RPC_BYTES = 4 * 1024 * 1024
const SEEN_MS = 120_000

/**
 * Gossipsub for `/vac/waku/relay/2.0.0`: D 6 (4 to 8), StrictNoSign, only the given pubsub topics, peers scored for
 * invalid messages. Wire format: docs/wire/relay.md.
 */
export function wakuGossip(topics: readonly string[]): (components: GossipSubComponents) => GossipSub {
  const create = gossipsub({
    D: 6,
    Dlo: 4,
    Dhi: 8,
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: gossipMessageId,
    allowedTopics: [...topics],
    fallbackToFloodsub: false,
    floodPublish: true,
    emitSelf: false,
    // With nobody to send to, a message must not count as seen: a later try would be left out. Both are told by errors.
    allowPublishToZeroTopicPeers: false,
    ignoreDuplicatePublishError: false,
    mcacheLength: CACHE_HEARTBEATS.kept,
    mcacheGossip: CACHE_HEARTBEATS.gossiped,
    seenTTL: SEEN_MS,
    maxInboundDataLength: MAX_RPC_BYTES,
    scoreParams: {
      decayInterval: 12_000,
      decayToZero: 0.01,
      retainScore: 120_000,
      // Operators often run several nodes on one machine; a local network always does.
      IPColocationFactorWhitelist: new Set(['127.0.0.1', '::1']),
      topics: Object.fromEntries(topics.map((topic) => [topic, createTopicScoreParams(TOPIC_SCORE)])),
    },
    scoreThresholds: {
      gossipThreshold: -100,
      publishThreshold: -1_000,
      graylistThreshold: -10_000,
      acceptPXThreshold: 10,
      opportunisticGraftThreshold: 0,
    },
  })
  return (components) => {
    const service = create(components)
    service.protocols.splice(0, service.protocols.length, PROTOCOLS.relay)
    return service
  }
}

/** Weights of nwaku: an invalid message costs most, silence costs nothing. */
const TOPIC_SCORE = {
  topicWeight: 1,
  timeInMeshWeight: 0.01,
  timeInMeshQuantum: 1_000,
  timeInMeshCap: 10,
  firstMessageDeliveriesWeight: 1,
  firstMessageDeliveriesDecay: 0.5,
  firstMessageDeliveriesCap: 10,
  meshMessageDeliveriesWeight: 0,
  meshFailurePenaltyWeight: 0,
  invalidMessageDeliveriesWeight: -100,
  invalidMessageDeliveriesDecay: 0.5,
}

/**
 * sha256 of all bytes of a gossip message, topic included: neither a spoiled copy nor one on a wrong shard can take the
 * place of the good one in the caches of seen messages.
 */
export function gossipMessageId({ topic, data }: Pick<Message, 'topic' | 'data'>): Uint8Array {
  return sha256(concatBytes(utf8ToBytes(topic), Uint8Array.of(0), data))
}

/** What gossipsub knows of peers, by peer id as text; its published interface leaves it out. */
export function gossipPeers(pubsub: GossipSub): {
  meshOf(topic: string): string[]
  scoreOf(peerId: string): number
} {
  const own = pubsub as GossipSub & {
    getMeshPeers(topic: string): string[]
    getScore(peerId: string): number
  }
  return { meshOf: (topic) => own.getMeshPeers(topic), scoreOf: (peerId) => own.getScore(peerId) }
}
