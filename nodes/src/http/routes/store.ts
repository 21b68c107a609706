import { decodeMessage, MAX_CONTENT_TOPICS, MAX_MESSAGE_HASHES, pubsubTopicOf } from '@teahouse/protocol/wire'
import { z } from 'zod'
import {
  QueryError,
  type Criteria,
  type Page,
  type PageRequest,
  type StoredMessage,
} from '../../store/index.ts'
import { AnswerError, badRequest } from '../errors.ts'
import {
  ContentTopic,
  Flag,
  Hash,
  HashText,
  hashText,
  listOf,
  NanosecondsQuery,
  PubsubTopic,
} from '../fields.ts'
import { MessageOut, showMessage } from '../messages.ts'
import { ok, route, type Route } from '../route.ts'

export interface StoreRoutesDeps {
  /** Whether the node keeps an archive at present, and the pubsub topics in it. */
  readonly isServed: () => boolean
  readonly topics: readonly string[]
  readonly messages: { query(criteria: Criteria, page: PageRequest): Page | Promise<Page> }
  readonly network: { readonly clusterId: number; readonly shards: number }
  /** The node's own peer id: `peerAddr` may name no other. */
  readonly peerId: string
  /** Messages in a page: when the request names no number, and at most. */
  readonly pageSize: number
  readonly maxPageSize: number
  /** Bytes of messages in a page, at most. */
  readonly maxPageBytes: number
}

const PageOut = z
  .strictObject({
    requestId: z.string(),
    statusCode: z.literal(200),
    statusDesc: z.string(),
    messages: z.array(
      z.strictObject({
        messageHash: HashText,
        message: MessageOut.optional(),
        pubsubTopic: z.string().optional(),
      }),
    ),
    paginationCursor: HashText.optional(),
  })
  .meta({ id: 'StoreQueryResponse' })

/** As in the Waku REST API, an empty parameter is one that is not there. */
const QueryIn = z.strictObject({
  peerAddr: z.string().max(512).optional().describe('This node itself; others are not asked'),
  includeData: Flag.optional().describe('Messages too, and not only their hashes'),
  pubsubTopic: PubsubTopic.or(z.literal('')).optional(),
  contentTopics: listOf(ContentTopic, MAX_CONTENT_TOPICS).optional().describe('Separated by commas'),
  startTime: NanosecondsQuery.optional().describe('Unix nanoseconds, inclusive'),
  endTime: NanosecondsQuery.optional().describe('Unix nanoseconds, inclusive'),
  hashes: listOf(Hash, MAX_MESSAGE_HASHES).optional().describe('In hex, separated by commas'),
  cursor: Hash.or(z.literal('')).optional().describe('paginationCursor of the page before'),
  ascending: Flag.optional().describe('Pages from the oldest on, which is the default'),
  pageSize: z
    .string()
    .regex(/^\d{0,9}$/, 'not a number')
    .optional(),
})
type Query = z.output<typeof QueryIn>

export function storeRoutes(deps: StoreRoutesDeps): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/store/v3/messages',
        id: 'queryStore',
        tag: 'store',
        summary: 'One page of the messages that the node keeps, oldest first within the page',
        access: 'guarded',
        query: QueryIn,
        answers: {
          200: {
            description: 'A page, possibly empty; the last one has no paginationCursor.',
            schema: PageOut,
          },
          400: { description: 'Criteria that exclude each other or miss one another, or an unknown cursor.' },
          501: { description: 'The node keeps no archive in its present profile.' },
          503: { description: 'The archive can not be read.' },
        },
      },
      async ({ query, requestId }) => {
        const { messages, cursor } = await pageOf(query, deps)
        return ok({
          requestId,
          statusCode: 200,
          statusDesc: 'OK',
          messages: messages.map((message) => entry(message, query.includeData ?? false)),
          ...(cursor ? { paginationCursor: hashText(cursor) } : {}),
        })
      },
    ),
  ]
}

async function pageOf(query: Query, deps: StoreRoutesDeps) {
  if (!deps.isServed())
    throw new AnswerError(501, 'NOT_SERVED', 'This node keeps no archive: its profile is another')
  const { maxPageBytes: maxBytes } = deps
  const { cursor, ascending: forward = true } = query
  const page = { forward, limit: pageSizeOf(query, deps), maxBytes, ...(cursor ? { cursor } : {}) }
  const criteria = criteriaOf(query, deps)
  const asked = criteria.topics?.pubsubTopic
  if (asked !== undefined && !deps.topics.includes(asked))
    throw new AnswerError(400, 'UNSUPPORTED_PUBSUB_TOPIC', 'This node does not keep that pubsub topic')
  try {
    return await deps.messages.query(criteria, page)
  } catch (error) {
    if (error instanceof QueryError) throw new AnswerError(400, error.code, error.message, { cause: error })
    throw new AnswerError(503, 'SERVICE_UNAVAILABLE', 'The archive can not be read', { cause: error })
  }
}

function pageSizeOf({ pageSize = '' }: Query, deps: StoreRoutesDeps): number {
  if (pageSize !== '' && Number(pageSize) === 0)
    throw badRequest('query.pageSize: a page has at least one message')
  return Math.min(pageSize === '' ? deps.pageSize : Number(pageSize), deps.maxPageSize)
}

function criteriaOf(query: Query, deps: StoreRoutesDeps): Criteria {
  const { peerAddr = '', contentTopics = [], startTime: since, endTime, hashes = [] } = query
  if (peerAddr !== '' && !peerAddr.endsWith(`/p2p/${deps.peerId}`))
    throw badRequest('query.peerAddr: this node asks no others; ask that one')
  if (hashes.length > 0) {
    if (contentTopics.length > 0 || since !== undefined || endTime !== undefined)
      throw badRequest('query.hashes: they exclude other criteria')
    return { hashes }
  }
  // The API's bound is inclusive, the archive's is not.
  const until = endTime === undefined ? undefined : endTime + 1n
  if (contentTopics.length === 0) {
    if (query.pubsubTopic) throw badRequest('query.pubsubTopic: name its content topics too')
    return { since, until }
  }
  return {
    topics: { pubsubTopic: query.pubsubTopic || shardTopic(contentTopics, deps), contentTopics },
    since,
    until,
  }
}

/** The pubsub topic that all of the content topics are sharded to. Throws WireError INVALID_TOPIC. */
function shardTopic(contentTopics: readonly string[], { network }: StoreRoutesDeps): string {
  const { clusterId, shards } = network
  const [topic, ...others] = new Set(contentTopics.map((each) => pubsubTopicOf(each, clusterId, shards)))
  if (topic === undefined || others.length > 0)
    throw badRequest('query.contentTopics: they belong to several shards; ask for each by itself')
  return topic
}

function entry({ hash, pubsubTopic, bytes }: StoredMessage, includeData: boolean) {
  const messageHash = hashText(hash)
  return includeData
    ? { messageHash, message: showMessage(decodeMessage(bytes)), pubsubTopic }
    : { messageHash }
}
