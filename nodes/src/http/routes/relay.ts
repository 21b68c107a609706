import { MAX_CONTENT_TOPICS, type WakuMessage } from '@teahouse/protocol/wire'
import { z } from 'zod'
import type { Pushed } from '../../lightpush/index.ts'
import { AnswerError } from '../errors.ts'
import { ContentTopic, PubsubTopic } from '../fields.ts'
import type { Inbox, Topics } from '../inbox.ts'
import { MessageIn, MessageOut, readMessage, showMessage } from '../messages.ts'
import { ok, route, type Route, type RouteFacts } from '../route.ts'
import { PUSH_FAILURES } from './push-failures.ts'

/** Publishes a message as a light push does: validated, kept on disk, relayed, and only then acknowledged. */
export type Publish = (pubsubTopic: string | undefined, message: WakuMessage) => Promise<Pushed>

export interface RelayRoutesDeps {
  readonly publish: Publish
  readonly inbox: Inbox
  /** The pubsub topics that the node relays. */
  readonly topics: readonly string[]
}

type Facts = Omit<RouteFacts, 'answers'>
const FACTS = { tag: 'relay', access: 'guarded' } as const
const DONE = { 200: { description: 'Done.' } }
const PUBLISHED: RouteFacts['answers'] = {
  200: { description: 'Valid, on disk unless it is ephemeral, and on its way to peers.' },
  ...PUSH_FAILURES,
}

export function relayRoutes({ publish, inbox, topics }: RelayRoutesDeps): Route[] {
  const PubsubPath = z.strictObject({ pubsubTopic: PubsubTopic })
  const relayed = (pubsubTopic: string): void => {
    if (topics.includes(pubsubTopic)) return
    throw new AnswerError(
      400,
      'UNSUPPORTED_PUBSUB_TOPIC',
      'The node does not relay that pubsub topic; GET /info names its shards',
    )
  }

  return [
    ...subscriptionRoutes('/relay/v1/subscriptions', 'PubsubTopics', PubsubTopic, {
      subscribe(asked) {
        asked.forEach(relayed)
        inbox.pubsub.subscribe(asked)
      },
      unsubscribe: inbox.pubsub.unsubscribe,
    }),
    ...subscriptionRoutes('/relay/v1/auto/subscriptions', 'ContentTopics', ContentTopic, inbox.content),
    route(
      {
        ...takeFacts('/relay/v1/messages/{pubsubTopic}', 'takeMessagesOfPubsubTopic'),
        params: PubsubPath,
        answers: TAKEN,
      },
      ({ params }) => take(inbox.pubsub, params.pubsubTopic),
    ),
    route(
      {
        ...takeFacts('/relay/v1/auto/messages/{contentTopic}', 'takeMessagesOfContentTopic'),
        params: z.strictObject({ contentTopic: ContentTopic }),
        answers: TAKEN,
      },
      ({ params }) => take(inbox.content, params.contentTopic),
    ),
    route(
      {
        ...publishFacts('/relay/v1/messages/{pubsubTopic}', 'publishOnPubsubTopic'),
        params: PubsubPath,
        body: MessageIn,
        answers: PUBLISHED,
      },
      async ({ params, body }) => {
        await publish(params.pubsubTopic, readMessage(body))
        return ok()
      },
    ),
    route(
      { ...publishFacts('/relay/v1/auto/messages', 'publish'), body: MessageIn, answers: PUBLISHED },
      async ({ body }) => {
        await publish(undefined, readMessage(body))
        return ok()
      },
    ),
  ]
}

const TAKEN: RouteFacts['answers'] = {
  200: { description: 'What came since the last time, oldest first.', schema: z.array(MessageOut) },
  404: { description: 'The topic is not subscribed to.' },
}

const takeFacts = (path: string, id: string): Facts => ({
  ...FACTS,
  method: 'GET',
  path,
  id,
  summary: 'Takes the messages of a subscribed topic that came since the last time',
})

const publishFacts = (path: string, id: string): Facts => ({
  ...FACTS,
  method: 'POST',
  path,
  id,
  summary: 'Publishes a message, under its proof or one of the node’s own',
})

function take(topics: Topics, topic: string) {
  const messages = topics.take(topic)
  if (messages === undefined) throw new AnswerError(404, 'NOT_SUBSCRIBED', 'Subscribe to this topic first')
  return ok(messages.map(showMessage))
}

function subscriptionRoutes(
  path: string,
  what: string,
  topic: z.ZodType<string, string>,
  topics: Pick<Topics, 'subscribe' | 'unsubscribe'>,
): Route[] {
  const body = z.array(topic).max(MAX_CONTENT_TOPICS)
  const facts = { ...FACTS, path, body, answers: DONE }
  return [
    route(
      {
        ...facts,
        method: 'POST',
        id: `subscribeTo${what}`,
        summary: 'Keeps messages of these topics from now on',
      },
      (given) => {
        topics.subscribe(given.body)
        return ok()
      },
    ),
    route(
      {
        ...facts,
        method: 'DELETE',
        id: `unsubscribeFrom${what}`,
        summary: 'Keeps none of these topics any more, and drops those that wait',
      },
      (given) => {
        topics.unsubscribe(given.body)
        return ok()
      },
    ),
  ]
}
