import {
  decode,
  decodeMessage,
  MAX_CONTENT_TOPICS,
  MAX_MESSAGE_HASHES,
  MAX_REQUEST_FRAME_BYTES,
  MAX_STORE_FRAME_BYTES,
  MESSAGE_HASH_BYTES,
  PROTOCOLS,
  STORE_PAGE,
  StoreQueryRequest,
  StoreQueryResponse,
  WireError,
  type WakuMessageKeyValue,
} from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { z } from 'zod'
import { Refusal, serve, ServeConfig, type Net, type Service } from '../net/index.ts'
import type { Archive } from './archive.ts'
import { chargedPages, type PageCharges } from './charged-pages.ts'
import {
  cursorNotFound,
  QueryError,
  type Criteria,
  type PageRequest,
  type StoredMessage,
} from './criteria.ts'
import { DatabaseConfig } from './open-archive.ts'
import { retention, RetentionConfig } from './retention.ts'

export const StoreConfig = ServeConfig.extend({
  /** Messages in a page when the request names no number. */
  pageSize: z.int().min(1).max(STORE_PAGE.max).default(STORE_PAGE.default),
  /** Messages in a page at most. */
  maxPageSize: z.int().min(1).max(STORE_PAGE.max).default(STORE_PAGE.max),
  /** Where it is kept. */
  database: DatabaseConfig.default({ engine: 'sqlite' }),
  /** How long and how much is kept. */
  retention: RetentionConfig.prefault({}),
  /** Files of message hashes, one a line, that are neither kept nor relayed: docs/archive.md. They are read again when they change. */
  denyLists: z.array(z.string().min(1)).default([]),
})

export interface StoreDeps extends PageCharges {
  readonly net: Net
  readonly messages: Pick<Archive, 'has' | 'query' | 'prune'>
  /** The pubsub topics that this node keeps. */
  readonly topics: readonly string[]
  /** Whether the operator has this node keep a message no more; told to who asks for it by its hash. */
  readonly isForgotten: (hash: Uint8Array) => boolean
  /** The time that retention goes by, in milliseconds since 1970; what it is ahead of the truth is lost too early. */
  readonly now: () => number
  readonly log: Logger
}

/** Bytes that a message in an answer may take beside its own: hash, pubsub topic, tags. */
const ENTRY_OVERHEAD_BYTES = 128

/** Status codes of the protocol that this service answers with. */
const STATUS = { ok: 200, badRequest: 400, unavailable: 503 } as const

/** `/vac/waku/store-query/3.0.0`: answers one page of stored messages a stream. Wire format: docs/wire/store.md. */
export function store(init: z.input<typeof StoreConfig> = {}) {
  const config = StoreConfig.parse(init)
  return ({ net, messages, topics, isForgotten, now, log, ...deps }: StoreDeps): Service => {
    const charge = chargedPages(deps)

    async function query(request: StoreQueryRequest, peerId: string): Promise<StoreQueryResponse> {
      const criteria = readCriteria(request)
      const asked = criteria.topics?.pubsubTopic
      if (asked !== undefined && !topics.includes(asked))
        throw bad('this node does not keep that pubsub topic')
      const page = readPage(request, config)
      // Before the charge: a client whose cursor was pruned does not pay for hearing so.
      if (page.cursor && !(await messages.has(page.cursor))) throw cursorNotFound()
      const found = await charge(peerId, { page, includeData: request.includeData }, (within) =>
        messages.query(criteria, within),
      )
      const forgotten = request.messageHashes.filter((hash) => isForgotten(hash))
      return {
        requestId: request.requestId,
        statusCode: STATUS.ok,
        statusDesc: 'OK',
        messages: found.messages.map((message) => entry(message, request.includeData)),
        paginationCursor: found.cursor,
        forgotten,
      }
    }

    const served = serve(net, log, {
      ...config,
      protocol: PROTOCOLS.store,
      maxRequestBytes: MAX_REQUEST_FRAME_BYTES,
      async answer(bytes, { peerId }) {
        const request = decode(StoreQueryRequest, bytes, {
          contentTopics: MAX_CONTENT_TOPICS,
          messageHashes: MAX_MESSAGE_HASHES,
        })
        try {
          return StoreQueryResponse.encode(await query(request, peerId))
        } catch (error) {
          return refuse(error, request.requestId)
        }
      },
      refuse: (error) => refuse(error, ''),
    })

    function refuse(error: unknown, requestId: string): Uint8Array {
      const { statusCode, statusDesc } = statusOf(error)
      net.services.requests.refused(PROTOCOLS.store, statusCode)
      if (statusCode === STATUS.unavailable) log.error({ err: error }, 'Could not answer a store query')
      return StoreQueryResponse.encode({ requestId, statusCode, statusDesc })
    }

    const old = retention(config.retention, messages, log, now)
    return {
      async start() {
        await served.start()
        await old.start()
      },
      async stop() {
        await old.stop()
        await served.stop()
      },
    }
  }
}

function statusOf(error: unknown): { statusCode: number; statusDesc: string } {
  if (error instanceof Refusal) return { statusCode: error.detail.status, statusDesc: error.message }
  if (error instanceof QueryError || error instanceof WireError) {
    return { statusCode: STATUS.badRequest, statusDesc: `BAD_REQUEST: ${error.message}` }
  }
  return { statusCode: STATUS.unavailable, statusDesc: 'SERVICE_UNAVAILABLE: the archive cannot be read' }
}

function readCriteria(request: StoreQueryRequest): Criteria {
  const { pubsubTopic, contentTopics, timeStart: since, timeEnd: until, messageHashes: hashes } = request
  if (hashes.length > 0) {
    // js-waku names the pubsub topic in a lookup, against the specification; a hash includes it anyway.
    const others = contentTopics.length > 0 || since !== undefined || until !== undefined
    if (others) throw bad('message hashes exclude other criteria')
    if (hashes.some((hash) => hash.byteLength !== MESSAGE_HASH_BYTES))
      throw bad('a message hash has 32 bytes')
    return { hashes }
  }
  if (pubsubTopic === undefined && contentTopics.length === 0) return { since, until }
  if (!pubsubTopic || contentTopics.length === 0) throw bad('pubsub topic and content topics go together')
  return { topics: { pubsubTopic, contentTopics }, since, until }
}

function readPage(request: StoreQueryRequest, config: z.output<typeof StoreConfig>): PageRequest {
  const { paginationCursor: cursor, paginationForward: forward, paginationLimit } = request
  if (paginationLimit === 0n) throw bad('a page has at least one message')
  const asked = paginationLimit === undefined ? config.pageSize : Number(paginationLimit)
  const limit = Math.min(asked, config.maxPageSize)
  return { cursor, forward, limit, maxBytes: MAX_STORE_FRAME_BYTES - limit * ENTRY_OVERHEAD_BYTES }
}

function entry({ hash, pubsubTopic, bytes }: StoredMessage, includeData: boolean): WakuMessageKeyValue {
  return includeData
    ? { messageHash: hash, message: decodeMessage(bytes), pubsubTopic }
    : { messageHash: hash }
}

function bad(what: string): Refusal {
  return new Refusal(STATUS.badRequest, `BAD_REQUEST: ${what}`)
}
