import { TopicValidatorResult, type Message } from '@libp2p/gossipsub'
import type { PeerId } from '@libp2p/interface'
import { decodeMessage, encodeMessage, WireError, type WakuMessage } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import type { Net, Service, Validate } from '../net/index.ts'

export interface RelayDeps {
  readonly net: Net
  /** The pubsub topics to relay. */
  readonly topics: readonly string[]
  readonly validate: Validate
  /**
   * Called with each valid gossip message, once, before it is forwarded: what it keeps is durable when another node
   * hears of the message. If it throws, the message is not forwarded.
   */
  readonly accepted: (pubsubTopic: string, message: WakuMessage) => void | Promise<void>
  readonly log: Logger
}

export interface Relay extends Service {
  /**
   * Publishes a message that was validated here. `peers` is to how many it was sent: 0 too for bytes that were gossiped
   * before. Throws WireError as `encodeMessage` does.
   */
  publish(pubsubTopic: string, message: WakuMessage): Promise<{ readonly peers: number }>
  /** The connected peers that relay a topic. */
  peers(pubsubTopic: string): number
}

const RESULTS = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
}

/** `/vac/waku/relay/2.0.0`: validates what is gossiped and forwards what is valid. Wire format: docs/wire/relay.md. */
export function relay() {
  return ({ net, topics, validate, accepted, log }: RelayDeps): Relay => {
    const { pubsub } = net.services

    async function judge(from: PeerId, { topic, data }: Message): Promise<TopicValidatorResult> {
      try {
        const message = decodeMessage(data)
        const { result, code } = await validate(topic, message)
        if (result === 'accept') await accepted(topic, message)
        else log.debug({ from: from.toString(), result, code }, 'Dropped a gossiped message')
        return RESULTS[result]
      } catch (error) {
        if (error instanceof WireError) {
          log.debug({ from: from.toString(), code: error.code }, 'Rejected gossip that is no message')
          return TopicValidatorResult.Reject
        }
        log.error({ err: error }, 'Could not process a gossiped message')
        return TopicValidatorResult.Ignore
      }
    }

    return {
      start() {
        for (const topic of topics) {
          pubsub.topicValidators.set(topic, judge)
          pubsub.subscribe(topic)
        }
      },
      stop() {
        for (const topic of topics) {
          pubsub.topicValidators.delete(topic)
          if (net.status === 'started') pubsub.unsubscribe(topic)
        }
      },
      async publish(pubsubTopic, message) {
        const { recipients } = await pubsub.publish(pubsubTopic, encodeMessage(message))
        return { peers: recipients.length }
      },
      peers: (pubsubTopic) => pubsub.getSubscribers(pubsubTopic).length,
    }
  }
}
