import {
  MAX_STORE_FRAME_BYTES,
  PROTOCOLS,
  STORE_PAGE,
  StoreQueryRequest,
  StoreQueryResponse,
  decode,
  messageHash,
  type WakuMessageKeyValue,
} from '@teahouse/protocol/wire'
import { bytesToHex, hexToBytes, type Hex } from 'viem'
import type { Endpoint, Peer } from '../net/peer.ts'
import { QueryError, queryError } from './errors.ts'
import { receivedMessage, type ReceivedMessage } from './received.ts'
import { requestId } from './request-id.ts'

const TIMEOUT_MS = 30_000

/**
 * What one node may show in one look; `bytes` are those of payloads. Only the node says when it has no more, and all of it
 * is held in memory.
 */
export const MOST = { messages: 100_000, bytes: 512 * 1_048_576 } as const

/** A topic in a node's store, and of which time, in unix seconds. */
export interface TopicQuery {
  readonly pubsubTopic: string
  readonly contentTopic: string
  readonly since?: number | undefined
  readonly until?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** What to look for in a node's store. */
export interface PageQuery extends TopicQuery {
  /** From the oldest to the newest, or the other way round. */
  readonly forward: boolean
  readonly cursor?: Uint8Array | undefined
  readonly pageSize?: number | undefined
}

export interface Page {
  /** In the order of time, whatever the direction of paging. */
  readonly messages: ReceivedMessage[]
  /** Where the next page starts; undefined on the last one. */
  readonly cursor: Uint8Array | undefined
}

const nanoseconds = (seconds: number): bigint => BigInt(Math.round(seconds * 1000)) * 1_000_000n

/**
 * Asks one node for one page of its store. Every message is checked against its hash, topic and time.
 * Throws QueryError, and NetError without an answer.
 */
export async function queryPage(peer: Peer, node: Endpoint, query: PageQuery): Promise<Page> {
  const answer = await ask(peer, node, pageRequest(query, true), query.signal)
  const messages = answer.messages.map((entry) => check(entry, query, node.peerId))
  return { messages, cursor: nextCursor(answer) }
}

/**
 * All hashes of a topic that one node has of a stretch of time: what it costs to learn that another has withheld something.
 * Throws QueryError, and NetError without an answer.
 */
export async function queryHashes(peer: Peer, node: Endpoint, query: PageQuery): Promise<Hex[]> {
  const found = new Set<Hex>()
  let cursor = query.cursor
  do {
    const before = found.size
    const answer = await ask(peer, node, pageRequest({ ...query, cursor }, false), query.signal)
    for (const { messageHash: hash } of answer.messages) if (hash) found.add(bytesToHex(hash))
    if (found.size > MOST.messages) throw tooMuch(node.peerId)
    cursor = nextCursor(answer)
    if (cursor && found.size === before) throw badPage(node.peerId, 'a page repeats the one before')
  } while (cursor)
  return [...found]
}

/** The messages of these hashes that one node has, in the order of time. Throws QueryError, NetError. */
export async function fetchMessages(
  peer: Peer,
  node: Endpoint,
  query: TopicQuery,
  hashes: readonly Hex[],
): Promise<ReceivedMessage[]> {
  const wanted = new Set(hashes)
  const found: ReceivedMessage[] = []
  let bytes = 0
  for (let at = 0; at < hashes.length; at += STORE_PAGE.max) {
    const request = byHash(hashes.slice(at, at + STORE_PAGE.max))
    const { messages } = await ask(peer, node, request, query.signal)
    for (const entry of messages) {
      const message = check(entry, query, node.peerId)
      if (!wanted.delete(message.messageHash)) continue
      found.push(message)
      bytes += message.payload.length
    }
    if (bytes > MOST.bytes) throw tooMuch(node.peerId)
  }
  return found
}

/** Asks for messages by their hashes, at most as many as a page has. */
export const byHash = (hashes: readonly Hex[]): StoreQueryRequest => ({
  ...{ requestId: requestId(), includeData: true, contentTopics: [] },
  messageHashes: hashes.map((hash) => hexToBytes(hash)),
  paginationForward: true,
  paginationLimit: BigInt(STORE_PAGE.max),
})

function pageRequest(query: PageQuery, includeData: boolean): StoreQueryRequest {
  return {
    ...{ requestId: requestId(), includeData, messageHashes: [] },
    pubsubTopic: query.pubsubTopic,
    contentTopics: [query.contentTopic],
    paginationForward: query.forward,
    paginationLimit: BigInt(query.pageSize ?? STORE_PAGE.max),
    ...(query.since !== undefined && { timeStart: nanoseconds(query.since) }),
    ...(query.until !== undefined && { timeEnd: nanoseconds(query.until) }),
    ...(query.cursor && { paginationCursor: query.cursor }),
  }
}

/** One query of a node's store. Throws QueryError, and NetError without an answer. */
export async function ask(
  peer: Peer,
  node: Endpoint,
  request: StoreQueryRequest,
  signal: AbortSignal | undefined,
): Promise<StoreQueryResponse> {
  const options = { maxBytes: MAX_STORE_FRAME_BYTES, timeoutMs: TIMEOUT_MS, signal }
  const bytes = await peer.request(node, PROTOCOLS.store, StoreQueryRequest.encode(request), options)
  const limits = { messages: STORE_PAGE.max, forgotten: STORE_PAGE.max }
  const answer = decode(StoreQueryResponse, bytes, limits)
  if (answer.statusCode === 200) return answer
  throw queryError(answer.statusCode ?? 0, answer.statusDesc ?? '', node.peerId)
}

function nextCursor({ messages, paginationCursor: cursor }: StoreQueryResponse): Uint8Array | undefined {
  return cursor && cursor.length > 0 && messages.length > 0 ? cursor : undefined
}

/** What is read so far of a topic, from one node or one after the other. */
export interface Collected {
  /** By hash, in the order in which they came. */
  readonly messages: Map<Hex, ReceivedMessage>
  bytes: number
  /** Where the next page starts. */
  cursor: Uint8Array | undefined
  pages: number
}

export const nothingCollected = (): Collected => ({
  messages: new Map(),
  bytes: 0,
  cursor: undefined,
  pages: 0,
})

interface ReadOptions {
  readonly peerId: string
  readonly forward: boolean
  readonly limit?: number | undefined
  /** What another node has shown already; it grows page by page. */
  readonly collected?: Collected
}

/** Reads pages until the store has no more, or `limit` messages are found. Throws QueryError BAD_PAGE, TOO_MUCH. */
export async function queryAll(
  ask: (cursor: Uint8Array | undefined) => Promise<Page>,
  { peerId, forward, limit = Infinity, collected = nothingCollected() }: ReadOptions,
): Promise<{ messages: ReceivedMessage[]; pages: number }> {
  const { messages: found } = collected
  /** The first page after another node's may show what that one has shown last. */
  let overlaps = found.size > 0
  while (found.size < limit) {
    const page = await ask(collected.cursor)
    const before = found.size
    for (const message of forward ? page.messages : page.messages.toReversed()) {
      if (found.size >= limit || found.has(message.messageHash)) continue
      found.set(message.messageHash, message)
      collected.bytes += message.payload.length
    }
    if (found.size > MOST.messages || collected.bytes > MOST.bytes) throw tooMuch(peerId)
    collected.pages++
    collected.cursor = page.cursor
    if (!page.cursor) break
    if (found.size === before && !overlaps) throw badPage(peerId, 'a page repeats the one before')
    overlaps = false
  }
  const messages = [...found.values()]
  return { messages: forward ? messages : messages.reverse(), pages: collected.pages }
}

function check(entry: WakuMessageKeyValue, query: TopicQuery, peerId: string): ReceivedMessage {
  const { message, messageHash: claimed } = entry
  if (!message || !claimed) throw badPage(peerId, 'a message has no content or no hash')
  const hash = bytesToHex(messageHash(query.pubsubTopic, message))
  if (hash !== bytesToHex(claimed)) throw badPage(peerId, 'a hash is not that of its message')
  if (message.contentTopic !== query.contentTopic) throw badPage(peerId, 'a message is of another topic')
  if (!isWithin(query, message.timestamp)) throw badPage(peerId, 'a message is of another time')
  return receivedMessage(query.pubsubTopic, message)
}

/** Both ends belong to it: stores differ in whether the last moment does. */
function isWithin({ since, until }: TopicQuery, timestamp: bigint | undefined): boolean {
  if (timestamp === undefined) return since === undefined && until === undefined
  const begun = since === undefined || timestamp >= nanoseconds(since)
  return begun && (until === undefined || timestamp <= nanoseconds(until))
}

function tooMuch(peerId: string): QueryError {
  return new QueryError(`The node ${peerId} shows more than can be held at once: ask for less`, {
    code: 'TOO_MUCH',
    peerId,
    ...MOST,
  })
}

function badPage(peerId: string, why: string): QueryError {
  return new QueryError(`The node ${peerId} answered with a bad page: ${why}`, {
    code: 'BAD_PAGE',
    peerId,
    why,
  })
}
