import { assertMessage, pubsubTopicOf, type WakuMessage } from '@teahouse/protocol/wire'
import type { Charge, Validate } from '../net/index.ts'
import { refusal, refusalOf } from './statuses.ts'

export interface PushDeps {
  readonly network: { readonly clusterId: number; readonly shards: number }
  readonly validate: Validate
  readonly charge: Charge
  /**
   * Gives a message without a proof one of the node's own membership. Throws an error with code `OUT_OF_RLN_PROOF` or
   * `NO_MEMBERSHIP` if there is none to give.
   */
  readonly attachProof: (message: WakuMessage, peerId: string) => Promise<WakuMessage>
  /** Keeps a valid message and hands it to subscribers; what it kept is durable when it returns. */
  readonly keep: (pubsubTopic: string, message: WakuMessage) => void | Promise<void>
  readonly relay: {
    publish(pubsubTopic: string, message: WakuMessage): Promise<{ readonly peers: number }>
    peers(pubsubTopic: string): number
  }
}

export interface PushSettings {
  /** Peers that must relay the shard; with fewer, a push is refused before anything is done for it. */
  readonly minRelayPeers: number
}

export interface Pushed {
  /** To how many peers the message was sent. */
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
 * and what the dependencies throw. Identical bytes that were accepted before succeed again, so a retry is safe.
 */
export function pushWith(settings: PushSettings, deps: PushDeps): Push {
  const { network, relay } = deps

  function shardTopic(asked: string | undefined, message: WakuMessage): string {
    const topic = pubsubTopicOf(message.contentTopic, network.clusterId, network.shards)
    if (asked !== undefined && asked !== '' && asked !== topic) {
      throw refusal('UNSUPPORTED_PUBSUB_TOPIC', `the content topic belongs to ${topic}`)
    }
    return topic
  }

  return async (asked, message, peerId) => {
    if (message === undefined) throw refusal('BAD_REQUEST', 'no message')
    assertMessage(message)
    const topic = shardTopic(asked, message)
    if (relay.peers(topic) < settings.minRelayPeers)
      throw refusal('NO_PEERS_TO_RELAY', `no peers on ${topic}`)
    const paid = await deps.charge(peerId, 'lightpush', 1)
    if (!paid.ok) throw refusal('TOO_MANY_REQUESTS', paid.description)

    const proved = message.rateLimitProof === undefined ? await deps.attachProof(message, peerId) : message
    const verdict = await deps.validate(topic, proved)
    if (verdict.code === 'DUPLICATE') return { peers: relay.peers(topic), duplicate: true }
    if (verdict.result !== 'accept') throw refusalOf(verdict)
    await deps.keep(topic, proved)
    const { peers } = await relay.publish(topic, proved)
    if (peers < settings.minRelayPeers) throw refusal('NO_PEERS_TO_RELAY', 'kept here, but no peer took it')
    return { peers, duplicate: false }
  }
}
