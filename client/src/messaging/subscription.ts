import { FilterSubscribeRequest, FilterSubscribeResponse, PROTOCOLS, decode } from '@teahouse/protocol/wire'
import type { NodeRecord } from '../net/directory.ts'
import { failover } from '../net/failover.ts'
import type { Endpoint, Peer } from '../net/peer.ts'
import { queryError } from './errors.ts'
import type { Inbox } from './inbox.ts'
import { queue } from './queue.ts'
import type { ReceivedMessage } from './received.ts'
import { requestId } from './request-id.ts'

const ANSWER_BYTES = 4 * 1024
const KEEPALIVE_MS = 20_000
const RETRY_MS = 2_000
const QUEUED = 10_000
const REMEMBERED = 10_000

/** Messages of one topic as they come. Iterate once; leaving the loop ends the subscription. */
export interface Subscription extends AsyncIterable<ReceivedMessage> {
  /** The peer id of the node that took the first subscription; rejects if none did. */
  readonly ready: Promise<string>
  stop(): void
}

interface Topic {
  readonly pubsubTopic: string
  readonly contentTopic: string
}

export interface SubscribeOptions {
  readonly signal?: AbortSignal | undefined
  /** How often to ask the node whether it still holds the subscription; 20 s. A lost connection is noticed at once. */
  readonly keepaliveMs?: number | undefined
  /** Told when the subscription was lost and is held again: what came in between is in the stores. */
  readonly onReopened?: (() => void) | undefined
}

type RequestType = FilterSubscribeRequest['filterSubscribeType']

async function ask(peer: Peer, node: Endpoint, type: `${RequestType}`, topic?: Topic): Promise<void> {
  const bytes = await peer.request(
    node,
    PROTOCOLS.filterSubscribe,
    FilterSubscribeRequest.encode({
      requestId: requestId(),
      filterSubscribeType: type as RequestType,
      contentTopics: topic ? [topic.contentTopic] : [],
      ...(topic && { pubsubTopic: topic.pubsubTopic }),
    }),
    { maxBytes: ANSWER_BYTES },
  )
  const { statusCode, statusDesc } = decode(FilterSubscribeResponse, bytes)
  if (statusCode !== 200) throw queryError(statusCode, statusDesc ?? '', node.peerId)
}

/**
 * Subscribes to a topic at one node, pings it, and subscribes again, there or elsewhere, when it is lost.
 * Messages sent while no node held the subscription are in the nodes' stores.
 */
export function subscribe(
  { peer, inbox }: { peer: Peer; inbox: Inbox },
  candidates: () => Promise<readonly NodeRecord[]>,
  topic: Topic,
  { signal, keepaliveMs = KEEPALIVE_MS, onReopened }: SubscribeOptions = {},
): Subscription {
  const messages = queue<ReceivedMessage>(QUEUED)
  const stopping = new AbortController()
  const seen = new Set<string>()
  let current: NodeRecord | undefined

  function receive(message: ReceivedMessage, pubsubTopic: string, peerId: string): void {
    const expected = pubsubTopic === topic.pubsubTopic && message.contentTopic === topic.contentTopic
    if (!expected || peerId !== current?.peerId || seen.has(message.messageHash)) return
    seen.add(message.messageHash)
    if (seen.size > REMEMBERED) seen.delete(seen.values().next().value!)
    messages.push(message)
  }

  async function open(): Promise<string> {
    return failover(
      await candidates(),
      async (node) => {
        current = node
        await ask(peer, node, 'SUBSCRIBE', topic)
        inbox.pings.delete(node.peerId)
        return node.peerId
      },
      () => true,
    )
  }

  /** Whether a node still knows us. It is asked once for all that it holds. */
  function isKnownTo(node: NodeRecord): Promise<boolean> {
    const last = inbox.pings.get(node.peerId)
    if (last && performance.now() - last.at < keepaliveMs / 2) return last.answer
    const answer = succeeds(ask(peer, node, 'SUBSCRIBER_PING'))
    inbox.pings.set(node.peerId, { at: performance.now(), answer })
    return answer
  }

  async function keep(): Promise<void> {
    let lost = () => {}
    const forget = await peer.onDisconnect((peerId) => void (peerId === current?.peerId && lost()))
    let held = true
    while (!stopping.signal.aborted) {
      const wait = held ? keepaliveMs : RETRY_MS
      const dropped = await waitFor(wait, stopping.signal, (wake) => (lost = wake))
      if (stopping.signal.aborted) break
      if (held && !dropped && (await isKnownTo(current!))) continue
      held = await succeeds(open())
      if (held) onReopened?.()
    }
    forget()
    await succeeds(ask(peer, current!, 'UNSUBSCRIBE', topic)) // else the node forgets us by itself
  }

  const sink = inbox.add(receive)
  const ready = sink.then(open)
  const running = ready.then(keep).finally(async () => {
    messages.end()
    ;(await sink)()
  })
  running.catch(() => undefined) // `ready` tells
  signal?.addEventListener('abort', () => stopping.abort(), { once: true })
  if (signal?.aborted) stopping.abort()

  return {
    ready,
    stop: () => stopping.abort(),
    async *[Symbol.asyncIterator]() {
      try {
        await ready
        yield* messages
      } finally {
        stopping.abort()
        await running.catch(() => undefined)
      }
    },
  }
}

const succeeds = (task: Promise<unknown>): Promise<boolean> =>
  task.then(
    () => true,
    () => false,
  )

/** Waits for `ms`, or until stopped or woken; true if woken. */
function waitFor(ms: number, signal: AbortSignal, onWake?: (wake: () => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (woken: boolean) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve(woken)
    }
    const stop = () => done(false)
    const timer = setTimeout(stop, ms)
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    onWake?.(() => done(true))
  })
}
