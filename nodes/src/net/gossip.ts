import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import {
  gossipsub,
  StrictNoSign,
  type GossipSub,
  type GossipSubComponents,
  type Message,
} from '@libp2p/gossipsub'
import type { PeerScore } from '@libp2p/gossipsub/score'
import { PROTOCOLS } from '@teahouse/protocol/wire'
import { keepScores, SCORE_THRESHOLDS, scoreParams } from './gossip-score.ts'

/** Heartbeats of the message cache; those that are gossiped about. As in nwaku. */
const CACHE_HEARTBEATS = { kept: 6, gossiped: 3 }
/** Largest gossip frame, in bytes: several messages of 150 KiB share one when a peer asks for them. */
const MAX_RPC_BYTES = 4 * 1024 * 1024
const SEEN_MS = 120_000

/**
 * Gossipsub for `/vac/waku/relay/2.0.0`: D 6 (4 to 8), StrictNoSign, only the given pubsub topics, peers scored for
 * invalid messages. Wire format: docs/wire/relay.md.
 */
export function wakuGossip(
  topics: readonly string[],
  isOperator?: (peerId: string) => boolean,
): (components: GossipSubComponents) => GossipSub {
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
    scoreParams: scoreParams(topics, isOperator),
    scoreThresholds: SCORE_THRESHOLDS,
  })
  return (components) => {
    const service = create(components)
    const { score } = service as unknown as { score: PeerScore }
    keepScores(score)
    service.protocols.splice(0, service.protocols.length, PROTOCOLS.relay)
    return service
  }
}

/**
 * sha256 of all bytes of a gossip message, topic included: neither a spoiled copy nor one on a wrong shard can take the
 * place of the good one in the caches of seen messages.
 */
export function gossipMessageId({ topic, data }: Pick<Message, 'topic' | 'data'>): Uint8Array {
  return sha256(concatBytes(utf8ToBytes(topic), Uint8Array.of(0), data))
}

/** Starts and stops gossip while the host runs on; its published interface leaves it out. Each may be called at any time, and twice. */
export function gossipLife(pubsub: GossipSub): {
  start(): Promise<void>
  stop(): Promise<void>
  isStarted(): boolean
} {
  return pubsub as GossipSub & ReturnType<typeof gossipLife>
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
