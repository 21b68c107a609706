import { assertMessage, pubsubTopicOf, type WakuMessage } from '@teahouse/protocol/wire'
import type { Charge, Validate } from '../net/index.ts'
import type { Published } from '../relay/index.ts'
import type { Verdict } from '../rln/verdict.ts'
import { refusal, refusalOf } from './statuses.ts'

export interface PushDeps {
  readonly network: { readonly clusterId: number; readonly shards: number }
  /** The pubsub topics that this node serves. */
  readonly topics: readonly string[]
  readonly validate: Validate
  /** Form, shard and time of a message without a proof; undefined if they are good. */
  readonly precheck: (pubsubTopic: string, message: WakuMessage) => Verdict | undefined
  readonly charge: Charge
  /** Bytes of a payload at most; 0 if only the protocol limits them. */
  readonly maxPayloadBytes?: number
  /** Keeps a proof for a peer that has yet to be charged, until what it returns is called. Throws as `attachProof`. */
  readonly holdProof: (peerId: string) => () => void
  /**
   * Gives a message without a proof one of the node's own membership. Throws an error with code `OUT_OF_RLN_PROOF` or
   * `NO_MEMBERSHIP` if there is none to give.
   */
  readonly attachProof: (message: WakuMessage, peerId: string) => Promise<WakuMessage>
  /** Keeps a valid message and hands it to subscribers; what it kept is durable when it resolves. */
  readonly keep: (pubsubTopic: string, message: WakuMessage) => Promise<void>
  /** The message as it is kept, with the proof that was accepted; undefined if it is not kept. */
  readonly kept: (pubsubTopic: string, message: WakuMessage) => Promise<WakuMessage | undefined>
  readonly relay: {
    publish(pubsubTopic: string, message: WakuMessage): Promise<Published>
    peers(pubsubTopic: string): number
  }
}

export interface PushSettings {
  /** Peers that must relay the shard; with fewer, a push is refused before anything is done for it. */
  readonly minRelayPeers: number
}

export interface Pushed {
  /** To how many peers the message was sent; of one that was gossiped before, how many relay its shard. */
  readonly peers: number
  /** True if the node had the very same message already. */
  readonly duplicate: boolean
}

export type Push = (
  pubsubTopic: string | undefined,
  message: WakuMessage | undefined,
  peerId: string,
) => Promise<Pushed>

/**
 * What both versions of light push do: check, charge, prove if need be, validate, keep, publish. Throws Refusal, WireError
 * and what the dependencies throw. A message that is kept is published again, since a crash or a lack of peers may have come
 * between; what was gossiped before succeeds, so a retry is safe, and costs no second proof.
 */
export function pushWith(settings: PushSettings, deps: PushDeps): Push {
  const { network, relay, maxPayloadBytes = 0 } = deps

  function shardTopic(asked: string | undefined, message: WakuMessage): string {
    const topic = pubsubTopicOf(message.contentTopic, network.clusterId, network.shards)
    if (asked !== undefined && asked !== '' && asked !== topic) {
      throw refusal('UNSUPPORTED_PUBSUB_TOPIC', `the content topic belongs to ${topic}`)
    }
    if (!deps.topics.includes(topic))
      throw refusal('UNSUPPORTED_PUBSUB_TOPIC', `this node does not serve ${topic}`)
    return topic
  }

  async function publish(topic: string, message: WakuMessage): Promise<number> {
    const { peers, seen } = await relay.publish(topic, message)
    if (seen) return relay.peers(topic)
    if (peers < settings.minRelayPeers) throw refusal('NO_PEERS_TO_RELAY', 'kept here, but no peer took it')
    return peers
  }

  return async (asked, message, peerId) => {
    if (message === undefined) throw refusal('BAD_REQUEST', 'no message')
    assertMessage(message)
    const topic = shardTopic(asked, message)
    if (relay.peers(topic) < settings.minRelayPeers)
      throw refusal('NO_PEERS_TO_RELAY', `no peers on ${topic}`)
    if (maxPayloadBytes > 0 && message.payload.length > maxPayloadBytes)
      throw refusal('PAYLOAD_TOO_LARGE', `a payload has at most ${maxPayloadBytes} bytes here`)
    const isUnproved = message.rateLimitProof === undefined
    const fault = isUnproved ? deps.precheck(topic, message) : undefined
    if (fault) throw refusalOf(fault)
    const kept = isUnproved ? await deps.kept(topic, message) : undefined
    const needsProof = isUnproved && !kept
    // Nobody is charged for a proof that the node does not have to give.
    const giveBack = needsProof ? deps.holdProof(peerId) : () => undefined
    let proved = message
    try {
      const paid = await deps.charge(peerId, 'lightpush', 1, needsProof ? { proof: 1 } : {})
      if (!paid.ok) throw refusal('TOO_MANY_REQUESTS', paid.description)
      if (needsProof) proved = await deps.attachProof(message, peerId)
    } finally {
      giveBack()
    }
    if (kept) return { peers: await publish(topic, kept), duplicate: true }
    // Nobody but the node answers for a proof of its own.
    const verdict = await deps.validate(topic, proved, proved === message ? peerId : undefined)
    if (verdict.code === 'DUPLICATE') {
      // Not the bytes that came: the proof of a known message is not verified again.
      const kept = await deps.kept(topic, message)
      return { peers: kept ? await publish(topic, kept) : relay.peers(topic), duplicate: true }
    }
    if (verdict.result !== 'accept') throw refusalOf(verdict)
    await deps.keep(topic, proved)
    return { peers: await publish(topic, proved), duplicate: false }
  }
}
