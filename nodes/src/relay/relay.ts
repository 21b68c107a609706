import { setTimeout as sleep } from 'node:timers/promises'
import { TopicValidatorResult, type Message } from '@libp2p/gossipsub'
import type { PeerId } from '@libp2p/interface'
import { decodeMessage, encodeMessage, WireError, type WakuMessage } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { gossipLife, gossipPeers, type Net, type Service, type Validate } from '../net/index.ts'
import { ArchiveError } from '../store/index.ts'
import { tally, type Tally } from '../tally.ts'
import { forwarding as unlimited, type Forwarding } from './forwarding.ts'

export interface RelayDeps {
  readonly net: Net
  /** The pubsub topics to relay. */
  readonly topics: readonly string[]
  readonly validate: Validate
  /**
   * Called with each valid gossip message, once, before it is forwarded: what it keeps is durable when another node
   * hears of the message. If it throws, the message is not forwarded.
   */
  readonly accepted: (pubsubTopic: string, message: WakuMessage) => Promise<void>
  /** What forwarding may send; no limit without it. */
  readonly forwarding?: Forwarding | undefined
  readonly log: Logger
}

/** What became of a message that was published. */
export interface Published {
  /** To how many peers it was sent now. */
  readonly peers: number
  /** True if the very same bytes were gossiped before, so that nothing is sent again. */
  readonly seen: boolean
}

export interface Relay extends Service {
  /** Publishes a message that was validated here. Throws WireError as `encodeMessage` does. */
  publish(pubsubTopic: string, message: WakuMessage): Promise<Published>
  /** The connected peers that relay a topic. */
  peers(pubsubTopic: string): number
  isRunning(): boolean
  /** Messages since the start, as gossip has them. */
  readonly counts: Tally<RelayEvent>['counts']
}

/** `failed`: it was valid and could not be kept. */
export type RelayEvent = 'received' | 'forwarded' | 'failed' | 'published'

/**
 * Milliseconds between a stop and a start while peers are connected. They hear of both by identify, which is told them no more than once a second;
 * one that heard of neither would go on sending into the stream that was closed.
 */
const AWAY_MS = 2_500
/** Milliseconds that a start among connected peers waits for the first that relays too, and between two looks. */
const MEET_MS = 3_000
const LOOK_MS = 50

const RESULTS = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
}

/** `/vac/waku/relay/2.0.0`: validates what is gossiped and forwards what is valid. Wire format: docs/wire/relay.md. */
export function relay() {
  return ({ net, topics, validate, accepted, forwarding = unlimited(), log }: RelayDeps): Relay => {
    const { pubsub } = net.services
    const { meshOf } = gossipPeers(pubsub)
    const life = gossipLife(pubsub)
    const counted = tally<RelayEvent>()
    let startableAt = 0

    /** A message that is not sent on is kept and served all the same. */
    function isForwarded(topic: string, bytes: number, ephemeral = false): boolean {
      return forwarding.mayForward({ bytes, ephemeral }, meshOf(topic).length)
    }

    /** Waits, among peers, until one of them relays too: what is published before that reaches nobody. */
    async function metPeers(): Promise<void> {
      const deadline = performance.now() + MEET_MS
      const isAlone = () => topics.every((topic) => pubsub.getSubscribers(topic).length === 0)
      while (net.getConnections().length > 0 && isAlone() && performance.now() < deadline)
        await sleep(LOOK_MS)
    }

    async function judge(from: PeerId, { topic, data }: Message): Promise<TopicValidatorResult> {
      counted.add('received')
      try {
        const message = decodeMessage(data)
        const { result, code } = await validate(topic, message, from.toString())
        if (result !== 'accept') {
          log.debug({ from: from.toString(), result, code }, 'Dropped a gossiped message')
          return RESULTS[result]
        }
        await accepted(topic, message)
        if (!isForwarded(topic, data.byteLength, message.ephemeral)) return RESULTS.ignore
        counted.add('forwarded')
        return RESULTS.accept
      } catch (error) {
        if (error instanceof WireError) {
          log.debug({ from: from.toString(), code: error.code }, 'Rejected gossip that is no message')
          return TopicValidatorResult.Reject
        }
        counted.add('failed')
        // The archive tells once that it fails, and once that it works again.
        if (error instanceof ArchiveError)
          log.debug({ code: error.code }, 'Could not keep a gossiped message')
        else log.error({ err: error }, 'Could not process a gossiped message')
        return TopicValidatorResult.Ignore
      }
    }

    return {
      async start() {
        await sleep(Math.max(0, startableAt - performance.now()))
        await life.start()
        for (const topic of topics) {
          pubsub.topicValidators.set(topic, judge)
          pubsub.subscribe(topic)
        }
        await metPeers()
      },
      async stop() {
        for (const topic of topics) {
          if (life.isStarted()) pubsub.unsubscribe(topic)
          // Without a validator, what still comes in would be forwarded unseen.
          pubsub.topicValidators.set(topic, () => TopicValidatorResult.Ignore)
        }
        if (life.isStarted() && net.getConnections().length > 0) startableAt = performance.now() + AWAY_MS
        await life.stop()
      },
      async publish(pubsubTopic, message) {
        const bytes = encodeMessage(message)
        try {
          const { recipients } = await pubsub.publish(pubsubTopic, bytes)
          forwarding.published(bytes.byteLength, recipients.length)
          counted.add('published')
          return { peers: recipients.length, seen: false }
        } catch (error) {
          if (isPublishError(error, 'Duplicate')) return { peers: 0, seen: true }
          if (isPublishError(error, 'NoPeersSubscribedToTopic')) return { peers: 0, seen: false }
          throw error
        }
      },
      isRunning: () => life.isStarted(),
      counts: counted.counts,
      peers: (pubsubTopic) => pubsub.getSubscribers(pubsubTopic).length,
    }
  }
}

/** Gossipsub tells why it did not publish by the text of a plain error. */
function isPublishError(error: unknown, name: 'Duplicate' | 'NoPeersSubscribedToTopic'): boolean {
  return error instanceof Error && error.message === `PublishError.${name}`
}
