import { TopicValidatorResult, type Message } from '@libp2p/gossipsub'
import type { PeerId } from '@libp2p/interface'
import { decodeMessage, encodeMessage, WireError, type WakuMessage } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import type { Net, Service, Validate } from '../net/index.ts'
import { ArchiveError } from '../store/index.ts'

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
        const { result, code } = await validate(topic, message, from.toString())
        if (result === 'accept') await accepted(topic, message)
        else log.debug({ from: from.toString(), result, code }, 'Dropped a gossiped message')
        return RESULTS[result]
      } catch (error) {
        if (error instanceof WireError) {
          log.debug({ from: from.toString(), code: error.code }, 'Rejected gossip that is no message')
          return TopicValidatorResult.Reject
        }
        // The archive tells once that it fails, and once that it works again.
        if (error instanceof ArchiveError)
          log.debug({ code: error.code }, 'Could not keep a gossiped message')
        else log.error({ err: error }, 'Could not process a gossiped message')
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
          if (net.status === 'started') pubsub.unsubscribe(topic)
          // Without a validator, what still comes in would be forwarded unseen.
          pubsub.topicValidators.set(topic, () => TopicValidatorResult.Ignore)
        }
      },
      async publish(pubsubTopic, message) {
        const bytes = encodeMessage(message)
        try {
          const { recipients } = await pubsub.publish(pubsubTopic, bytes)
          return { peers: recipients.length, seen: false }
        } catch (error) {
          if (isPublishError(error, 'Duplicate')) return { peers: 0, seen: true }
          if (isPublishError(error, 'NoPeersSubscribedToTopic')) return { peers: 0, seen: false }
          throw error
        }
      },
      peers: (pubsubTopic) => pubsub.getSubscribers(pubsubTopic).length,
    }
  }
}

/** Gossipsub tells why it did not publish by the text of a plain error. */
function isPublishError(error: unknown, name: 'Duplicate' | 'NoPeersSubscribedToTopic'): boolean {
  return error instanceof Error && error.message === `PublishError.${name}`
}
