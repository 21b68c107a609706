import {
  decode,
  FilterSubscribeRequest,
  FilterSubscribeResponse,
  MAX_CONTENT_TOPIC_BYTES,
  MAX_CONTENT_TOPICS,
  MAX_REQUEST_FRAME_BYTES,
  MessagePush,
  PROTOCOLS,
  WireError,
  type WakuMessage,
} from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { z } from 'zod'
import { connectedPeers, Refusal, serve, ServeConfig, type Net, type Service } from '../net/index.ts'
import { pusher, type Pusher } from './pusher.ts'
import { subscriptions } from './subscriptions.ts'

export const FilterConfig = ServeConfig.extend({
  maxPeers: z.int().positive().default(1_000),
  maxCriteriaPerPeer: z.int().positive().default(1_000),
  /** Messages that may wait for one peer. */
  maxQueued: z.int().positive().default(256),
  /** Pushes in a row that may fail before a peer's subscription is dropped. */
  maxFailures: z.int().positive().default(3),
  /** Milliseconds without a connection after which a peer's subscription is dropped. */
  awayMs: z.int().positive().default(60_000),
})

export interface FilterDeps {
  readonly net: Net
  /** The pubsub topics that the node serves. */
  readonly topics: readonly string[]
  /** Where messages come from if not by relay: resolves when these will come, or throws Refusal. */
  readonly source?: { want(pubsubTopic: string, contentTopics: readonly string[]): Promise<void> } | undefined
  readonly log: Logger
}

export interface Filter extends Service {
  /** Pushes a message to its subscribers. Returns at once; who cannot take it misses it. */
  push(pubsubTopic: string, message: WakuMessage): void
  /** The number of peers with a subscription. */
  subscribers(): number
  /** All criteria that somebody has. */
  wanted(): { pubsubTopic: string; contentTopic: string }[]
  /** Messages pushed since the start. */
  readonly counts: Pusher['counts']
}

/** Status codes of the protocol that this service answers with. */
const STATUS = { ok: 200, badRequest: 400, notFound: 404, error: 500, unavailable: 503 } as const
const { FilterSubscribeType } = FilterSubscribeRequest

/**
 * `/vac/waku/filter-subscribe/2.0.0-beta1` and `/vac/waku/filter-push/2.0.0-beta1`: pushes messages of the content
 * topics that a light client names, for as long as it stays connected. Wire format: docs/wire/filter.md.
 */
export function filter(init: z.input<typeof FilterConfig> = {}) {
  const config = FilterConfig.parse(init)
  return ({ net, topics, source, log }: FilterDeps): Filter => {
    const wanted = subscriptions(config)
    const push = pusher(net, config, (peerId) => {
      wanted.removeAll(peerId)
      log.debug({ peerId }, 'Dropped a filter subscription that could not be served')
    })
    let sweeper: ReturnType<typeof setInterval> | undefined
    const awaySince = new Map<string, number>()

    async function subscribe(peerId: string, request: FilterSubscribeRequest): Promise<void> {
      const { pubsubTopic, contentTopics } = readCriteria(request)
      if (!topics.includes(pubsubTopic)) throw bad(`the node does not relay ${pubsubTopic}`)
      if (!wanted.add(peerId, pubsubTopic, contentTopics)) {
        throw new Refusal(
          STATUS.unavailable,
          `SERVICE_UNAVAILABLE: at most ${config.maxCriteriaPerPeer} criteria a peer`,
        )
      }
      await source?.want(pubsubTopic, contentTopics).catch((err: unknown) => {
        wanted.remove(peerId, pubsubTopic, contentTopics)
        throw err
      })
    }

    function unsubscribe(peerId: string, request: FilterSubscribeRequest): boolean {
      const { pubsubTopic, contentTopics } = readCriteria(request)
      return wanted.remove(peerId, pubsubTopic, contentTopics)
    }

    async function apply(peerId: string, request: FilterSubscribeRequest): Promise<boolean> {
      switch (request.filterSubscribeType) {
        case FilterSubscribeType.SUBSCRIBE:
          await subscribe(peerId, request)
          return true
        case FilterSubscribeType.UNSUBSCRIBE:
          return unsubscribe(peerId, request)
        case FilterSubscribeType.UNSUBSCRIBE_ALL:
          return wanted.removeAll(peerId)
        default:
          return wanted.has(peerId)
      }
    }

    function dropAbsent(): void {
      const connected = new Set(connectedPeers(net).map(String))
      for (const peerId of wanted.peers()) {
        if (connected.has(peerId)) awaySince.delete(peerId)
        else if (!awaySince.has(peerId)) awaySince.set(peerId, performance.now())
        else if (performance.now() - (awaySince.get(peerId) ?? 0) >= config.awayMs) {
          awaySince.delete(peerId)
          wanted.removeAll(peerId)
          push.forget(peerId)
        }
      }
    }

    const served = serve(net, log, {
      ...config,
      protocol: PROTOCOLS.filterSubscribe,
      maxRequestBytes: MAX_REQUEST_FRAME_BYTES,
      async answer(bytes, { peerId }) {
        const request = decode(FilterSubscribeRequest, bytes)
        const { requestId } = request
        try {
          if (!(await apply(peerId, request)))
            throw new Refusal(STATUS.notFound, 'NOT_FOUND: the peer has no subscription')
          return FilterSubscribeResponse.encode({ requestId, statusCode: STATUS.ok, statusDesc: 'OK' })
        } catch (error) {
          return refuse(error, requestId)
        }
      },
      refuse: (error) => refuse(error, ''),
    })

    function refuse(error: unknown, requestId: string): Uint8Array {
      const { statusCode, statusDesc } = statusOf(error)
      net.services.requests.refused(PROTOCOLS.filterSubscribe, statusCode)
      if (statusCode === STATUS.error) log.error({ err: error }, 'Could not serve a filter request')
      return FilterSubscribeResponse.encode({ requestId, statusCode, statusDesc })
    }

    return {
      async start() {
        await served.start()
        sweeper = setInterval(dropAbsent, Math.max(1_000, config.awayMs / 4)).unref()
      },
      async stop() {
        clearInterval(sweeper)
        await served.stop()
        push.stop()
        for (const peerId of wanted.peers()) wanted.removeAll(peerId)
      },
      push(pubsubTopic, message) {
        const peers = wanted.subscribersOf(pubsubTopic, message.contentTopic)
        if (peers.length === 0) return
        const frame = MessagePush.encode({ wakuMessage: message, pubsubTopic })
        for (const peerId of peers) push.push(peerId, frame)
      },
      subscribers: () => wanted.peers().length,
      wanted: wanted.all,
      counts: push.counts,
    }
  }
}

function readCriteria({ pubsubTopic, contentTopics }: FilterSubscribeRequest): {
  pubsubTopic: string
  contentTopics: string[]
} {
  if (!pubsubTopic || contentTopics.length === 0) throw bad('a pubsub topic and content topics are needed')
  if (contentTopics.length > MAX_CONTENT_TOPICS)
    throw bad(`at most ${MAX_CONTENT_TOPICS} content topics a request`)
  for (const topic of contentTopics) {
    if (topic === '' || Buffer.byteLength(topic) > MAX_CONTENT_TOPIC_BYTES)
      throw bad('a content topic is empty or too long')
  }
  return { pubsubTopic, contentTopics }
}

function statusOf(error: unknown): { statusCode: number; statusDesc: string } {
  if (error instanceof Refusal) return { statusCode: error.detail.status, statusDesc: error.message }
  if (error instanceof WireError)
    return { statusCode: STATUS.badRequest, statusDesc: `BAD_REQUEST: ${error.message}` }
  return { statusCode: STATUS.error, statusDesc: 'INTERNAL_SERVER_ERROR' }
}

function bad(what: string): Refusal {
  return new Refusal(STATUS.badRequest, `BAD_REQUEST: ${what}`)
}
