import { encodeMessage, type WakuMessage } from '@teahouse/protocol/wire'
import { AnswerError } from './errors.ts'

export interface InboxLimits {
  readonly maxSubscriptions: number
  readonly keptMessages: number
  readonly keptBytes: number
}

/** The topics of one kind, pubsub or content: messages wait for whoever subscribed to them over HTTP. */
export interface Topics {
  /** Throws AnswerError TOO_MANY_SUBSCRIPTIONS, and then subscribes to none. */
  subscribe(topics: readonly string[]): void
  /** What waits for them goes too. */
  unsubscribe(topics: readonly string[]): void
  /** Hands out what came since the last time, oldest first; undefined if the topic is not subscribed to. */
  take(topic: string): WakuMessage[] | undefined
}

/** What the subscriptions of `/relay/v1` have received and not been asked for yet. In memory, and bounded: the oldest is dropped. */
export interface Inbox {
  readonly pubsub: Topics
  readonly content: Topics
  /** The content topics that are subscribed to. */
  contentTopics(): string[]
  /** Takes a message that the node accepted. */
  push(pubsubTopic: string, message: WakuMessage): void
}

interface Entry {
  readonly key: string
  readonly message: WakuMessage
  readonly bytes: number
}

export function createInbox({ maxSubscriptions, keptMessages, keptBytes }: InboxLimits): Inbox {
  const subscribed = new Set<string>()
  let waiting: Entry[] = []
  let bytes = 0

  function keep(entry: Entry): void {
    waiting.push(entry)
    bytes += entry.bytes
    while (waiting.length > keptMessages || bytes > keptBytes) bytes -= waiting.shift()!.bytes
  }

  function takeOut(keys: ReadonlySet<string>): WakuMessage[] {
    const taken = waiting.filter(({ key }) => keys.has(key))
    waiting = waiting.filter(({ key }) => !keys.has(key))
    for (const entry of taken) bytes -= entry.bytes
    return taken.map(({ message }) => message)
  }

  function topicsOf(kind: 'pubsub' | 'content'): Topics {
    const keyOf = (topic: string) => `${kind} ${topic}`
    return {
      subscribe(topics) {
        const added = topics.map(keyOf).filter((key) => !subscribed.has(key))
        if (subscribed.size + new Set(added).size > maxSubscriptions) {
          const what = `At most ${maxSubscriptions} topics may be subscribed to; unsubscribe from others first`
          throw new AnswerError(400, 'TOO_MANY_SUBSCRIPTIONS', what)
        }
        for (const key of added) subscribed.add(key)
      },
      unsubscribe(topics) {
        const keys = new Set(topics.map(keyOf))
        for (const key of keys) subscribed.delete(key)
        takeOut(keys)
      },
      take: (topic) => (subscribed.has(keyOf(topic)) ? takeOut(new Set([keyOf(topic)])) : undefined),
    }
  }

  return {
    pubsub: topicsOf('pubsub'),
    content: topicsOf('content'),
    contentTopics: () =>
      [...subscribed].filter((key) => key.startsWith('content ')).map((key) => key.slice('content '.length)),
    push(pubsubTopic, message) {
      const keys = [`pubsub ${pubsubTopic}`, `content ${message.contentTopic}`].filter((key) =>
        subscribed.has(key),
      )
      if (keys.length === 0) return
      const size = encodeMessage(message).byteLength
      for (const key of keys) keep({ key, message, bytes: size })
    },
  }
}
