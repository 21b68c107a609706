import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection, Stream } from '@libp2p/interface'
import {
  decode,
  FilterSubscribeRequest,
  FilterSubscribeResponse,
  frameReader,
  LightPushRequestV3,
  LightPushResponseV3,
  MAX_CONTENT_TOPICS,
  MAX_MESSAGE_FRAME_BYTES,
  MessagePush,
  PROTOCOLS,
  type WakuMessage,
} from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { Refusal, type Net, type Service, type Validate } from '../net/index.ts'
import type { Published } from '../relay/index.ts'
import { upstreams as chooseUpstreams, type Upstream } from './upstreams.ts'

/** A pubsub topic and one of its content topics. */
export interface Wanted {
  readonly pubsubTopic: string
  readonly contentTopic: string
}

export interface UplinkDeps {
  readonly net: Net
  /** What those that this node serves are subscribed to now. */
  readonly wanted: () => readonly Wanted[]
  readonly isOperator: (peerId: string) => boolean
  readonly validate: Validate
  readonly accepted: (pubsubTopic: string, message: WakuMessage) => Promise<void>
  readonly log: Logger
}

/** What stands in for the relay in a node that is in no mesh: it is itself a client of nodes that are. */
export interface Uplink extends Service {
  /** Resolves when a node has confirmed that it will push these. Throws Refusal 503 if none does. */
  want(pubsubTopic: string, contentTopics: readonly string[]): Promise<void>
  /** Pushes a message that was validated here to the nodes that it leans on. Throws Refusal with their status if all refuse, 505 if there is none. */
  publish(pubsubTopic: string, message: WakuMessage): Promise<Published>
  /** The nodes that it leans on. */
  peers(): number
}

const OK = 200
const NOT_FOUND = 404
const UNAVAILABLE = 503
const NO_PEERS = 505
/** Milliseconds between two looks at which nodes there are and what they are to push. */
const LOOK_MS = 2_000
/** Milliseconds that the start waits for the first look. */
const FIRST_LOOK_MS = 3_000
/** Milliseconds that taking leave of them may take. */
const LEAVE_MS = 1_000
/** Looks after which a node is asked whether it still knows this one. */
const LOOKS_A_PING = 15
/** Pushed messages that are checked at a time. */
const AT_ONCE = 64
const { FilterSubscribeType } = FilterSubscribeRequest
type Kind = `${FilterSubscribeRequest.FilterSubscribeType}`

const keyOf = ({ pubsubTopic, contentTopic }: Wanted) => `${pubsubTopic}\0${contentTopic}`
const fromKey = (key: string): Wanted => {
  const [pubsubTopic = '', contentTopic = ''] = key.split('\0')
  return { pubsubTopic, contentTopic }
}

/** Messages by filter and light push from nodes of the mesh; checked here like any other. docs/profiles.md. */
export function uplink({ net, wanted, isOperator, validate, accepted, log }: UplinkDeps): Uplink {
  const nodes = chooseUpstreams({ net, isOperator })
  let stopping = new AbortController()
  let timer: ReturnType<typeof setInterval> | undefined
  let looks = 0
  let looking: Promise<void> | undefined

  async function subscribe(upstream: Upstream, kind: Kind, topics: readonly Wanted[]) {
    for (const [pubsubTopic, contentTopics] of byPubsubTopic(topics)) {
      for (let at = 0; at < contentTopics.length; at += MAX_CONTENT_TOPICS) {
        const some = contentTopics.slice(at, at + MAX_CONTENT_TOPICS)
        const status = await askFilter(upstream, kind, { pubsubTopic, contentTopics: some })
        for (const contentTopic of some) {
          const key = keyOf({ pubsubTopic, contentTopic })
          if (kind === 'SUBSCRIBE' && status === OK) upstream.subscribed.add(key)
          if (kind === 'UNSUBSCRIBE') upstream.subscribed.delete(key)
        }
      }
    }
  }

  async function askFilter(
    upstream: Upstream,
    kind: Kind,
    criteria: { pubsubTopic?: string; contentTopics: string[] },
  ): Promise<number | undefined> {
    const fields = {
      requestId: crypto.randomUUID(),
      filterSubscribeType: FilterSubscribeType[kind],
      ...criteria,
    }
    const bytes = FilterSubscribeRequest.encode(fields)
    const reply = await nodes.ask(upstream, PROTOCOLS.filterSubscribe, bytes, stopping.signal)
    return decode(FilterSubscribeResponse, reply).statusCode
  }

  /** Brings what a node pushes in line with what is wanted. */
  async function bringUp(upstream: Upstream, isPing: boolean): Promise<void> {
    try {
      if (isPing && (await askFilter(upstream, 'SUBSCRIBER_PING', { contentTopics: [] })) === NOT_FOUND)
        upstream.subscribed.clear()
      const due = new Map(wanted().map((one) => [keyOf(one), one]))
      const missing = [...due].filter(([key]) => !upstream.subscribed.has(key)).map(([, one]) => one)
      const surplus = [...upstream.subscribed].filter((key) => !due.has(key)).map(fromKey)
      await subscribe(upstream, 'SUBSCRIBE', missing)
      await subscribe(upstream, 'UNSUBSCRIBE', surplus)
    } catch (err) {
      log.debug({ err, peerId: upstream.peerId }, 'Could not subscribe with a node')
    }
  }

  function look(): Promise<void> {
    looking ??= (async () => {
      await nodes.look()
      const isPing = ++looks % LOOKS_A_PING === 0
      await Promise.all(nodes.current.map((upstream) => bringUp(upstream, isPing)))
    })()
      .catch((err: unknown) => log.warn({ err }, 'Could not look for nodes to lean on'))
      .finally(() => (looking = undefined))
    return looking
  }

  async function judge({ pubsubTopic, wakuMessage }: MessagePush, peerId: string): Promise<void> {
    if (wakuMessage === undefined || pubsubTopic === undefined) return
    try {
      const { result } = await validate(pubsubTopic, wakuMessage, peerId)
      if (result === 'accept') await accepted(pubsubTopic, wakuMessage)
    } catch (err) {
      log.debug({ err, peerId }, 'Could not process a pushed message')
    }
  }

  async function receive(stream: Stream, connection: Connection): Promise<void> {
    const peerId = connection.remotePeer.toString()
    if (!nodes.find(peerId)) return stream.abort(new Refusal(UNAVAILABLE, 'Nothing was asked of this peer'))
    const reader = frameReader(stream, { maxBytes: MAX_MESSAGE_FRAME_BYTES, signal: stopping.signal })
    const underWay = new Set<Promise<void>>()
    try {
      for (let frame = await reader.read(); frame; frame = await reader.read()) {
        const judged = judge(decode(MessagePush, frame), peerId).finally(() => underWay.delete(judged))
        underWay.add(judged)
        if (underWay.size >= AT_ONCE) await Promise.race(underWay)
      }
      await stream.close()
    } catch (err) {
      stream.abort(err as Error)
    } finally {
      reader.stop()
    }
  }

  async function push(upstream: Upstream, bytes: Uint8Array): Promise<LightPushResponseV3> {
    return decode(LightPushResponseV3, await nodes.ask(upstream, PROTOCOLS.lightPush, bytes, stopping.signal))
  }

  return {
    async start() {
      stopping = new AbortController()
      await net.handle(PROTOCOLS.filterPush, (stream, connection) => void receive(stream, connection))
      timer = setInterval(() => void look(), LOOK_MS).unref()
      // What comes next should find nodes to lean on; that there are none yet must not keep the node from starting.
      await Promise.race([look(), sleep(FIRST_LOOK_MS, undefined, { ref: false })])
    },
    async stop() {
      clearInterval(timer)
      await net.unhandle(PROTOCOLS.filterPush)
      const bye = nodes.current.map((upstream) =>
        askFilter(upstream, 'UNSUBSCRIBE_ALL', { contentTopics: [] }),
      )
      await Promise.race([Promise.allSettled(bye), sleep(LEAVE_MS, undefined, { ref: false })])
      stopping.abort()
      await looking
      nodes.forget()
    },
    async want(pubsubTopic, contentTopics) {
      if (nodes.current.length === 0) await look()
      const topics = contentTopics.map((contentTopic) => ({ pubsubTopic, contentTopic }))
      const has = (upstream: Upstream) => topics.every((one) => upstream.subscribed.has(keyOf(one)))
      await Promise.all(
        nodes.current
          .filter((upstream) => !has(upstream))
          .map((upstream) => subscribe(upstream, 'SUBSCRIBE', topics).catch(() => undefined)),
      )
      if (!nodes.current.some(has))
        throw new Refusal(UNAVAILABLE, 'SERVICE_UNAVAILABLE: no node to take these messages from')
    },
    async publish(pubsubTopic, message) {
      if (nodes.current.length === 0) await look()
      const bytes = LightPushRequestV3.encode({ requestId: crypto.randomUUID(), pubsubTopic, message })
      const replies = await Promise.allSettled(nodes.current.map((upstream) => push(upstream, bytes)))
      const answers = replies.flatMap((reply) => (reply.status === 'fulfilled' ? [reply.value] : []))
      const taken = answers.filter(({ statusCode }) => statusCode === OK)
      const [refused] = answers
      if (taken.length === 0 && refused)
        throw new Refusal(
          refused.statusCode,
          refused.statusDesc ?? 'Refused by the node that this one leans on',
        )
      // Nothing is kept here, so a message that nobody took is lost.
      if (taken.length === 0) throw new Refusal(NO_PEERS, 'NO_PEERS_TO_RELAY: no node to give it to')
      return { peers: taken.length, seen: false }
    },
    peers: () => nodes.current.length,
  }
}

function byPubsubTopic(topics: readonly Wanted[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const { pubsubTopic, contentTopic } of topics)
    found.set(pubsubTopic, [...(found.get(pubsubTopic) ?? []), contentTopic])
  return found
}
