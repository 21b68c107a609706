import { StoreQueryRequest, StoreQueryResponse, messageHash, type WakuMessage } from '@teahouse/protocol/wire'
import { bytesToHex, numberToBytes, numberToHex } from 'viem'
import { describe, expect, it } from 'vitest'
import type { Peer } from '../net/peer.ts'
import {
  fetchMessages,
  MOST,
  queryAll,
  queryHashes,
  queryPage,
  type Page,
  type PageQuery,
} from './history.ts'

const PUBSUB = '/waku/2/rs/1984/3'
const TOPIC = '/toychat/2/huilong/proto'
const NODE = { peerId: 'node', multiaddrs: [] }
const QUERY: PageQuery = { pubsubTopic: PUBSUB, contentTopic: TOPIC, forward: true }
const hash = (message: WakuMessage) => messageHash(PUBSUB, message)
const messages = Array.from({ length: 7 }, (_, i): WakuMessage => ({
  payload: Uint8Array.of(i),
  contentTopic: TOPIC,
  timestamp: BigInt(i + 1),
}))

type Answer = Partial<StoreQueryResponse>
const peerThat = (answer: (request: StoreQueryRequest) => Answer): Peer =>
  ({
    request: async (_node: unknown, _protocol: string, bytes: Uint8Array) => {
      const request = StoreQueryRequest.decode(bytes)
      return StoreQueryResponse.encode({ requestId: request.requestId, statusCode: 200, ...answer(request) })
    },
  }) as unknown as Peer

const entry = (message: WakuMessage) => ({ messageHash: hash(message), message, pubsubTopic: PUBSUB })

/** A store as Waku specifies it: pages in the order of time, a cursor that names the last message given. */
const store = peerThat(({ paginationCursor, paginationForward, paginationLimit }) => {
  const limit = Number(paginationLimit)
  const at = messages.findIndex(
    (message) => paginationCursor && Buffer.compare(hash(message), paginationCursor) === 0,
  )
  const [from, to] = paginationForward
    ? [at + 1, at + 1 + limit]
    : [Math.max(0, (at < 0 ? messages.length : at) - limit), at < 0 ? messages.length : at]
  const page = messages.slice(from, to)
  const more = paginationForward ? to < messages.length : from > 0
  const last = paginationForward ? page.at(-1) : page[0]
  return { messages: page.map(entry), ...(more && last && { paginationCursor: hash(last) }) }
})

const read = (forward: boolean, limit?: number) =>
  queryAll((cursor) => queryPage(store, NODE, { ...QUERY, forward, cursor, pageSize: 3 }), {
    peerId: 'node',
    forward,
    limit,
  })
const numbers = (found: { payload: Uint8Array }[]) => found.map(({ payload }) => payload[0])

describe('history', () => {
  it('reads all pages, from either end, in the order of time', async () => {
    for (const forward of [true, false]) {
      const { messages: found, pages } = await read(forward)
      expect(numbers(found)).toEqual([0, 1, 2, 3, 4, 5, 6])
      expect(pages).toBe(3)
    }
  })

  it('stops when it has enough: the oldest, or the newest', async () => {
    expect(await read(true, 2)).toMatchObject({ pages: 1, messages: [{ timestamp: 1n }, { timestamp: 2n }] })
    expect(numbers((await read(false, 4)).messages)).toEqual([3, 4, 5, 6])
  })

  it('asks for times in nanoseconds', async () => {
    let asked: StoreQueryRequest | undefined
    const peer = peerThat((request) => ((asked = request), {}))
    await queryPage(peer, NODE, { ...QUERY, since: 1.5, until: 2_000_000_000 })
    expect(asked).toMatchObject({
      timeStart: 1_500_000_000n,
      timeEnd: 2_000_000_000_000_000_000n,
      includeData: true,
    })
  })
})

describe('when it must refuse', () => {
  const [first, second] = messages as [WakuMessage, WakuMessage]
  it.each<{ given: string; answer: Answer; code: string }>([
    {
      given: 'too many requests',
      answer: { statusCode: 429, statusDesc: 'see offer' },
      code: 'TOO_MANY_REQUESTS',
    },
    { given: 'another status', answer: { statusCode: 503 }, code: 'REFUSED' },
    { given: 'no status', answer: { statusCode: undefined }, code: 'REFUSED' },
    {
      given: "another message's hash",
      answer: { messages: [{ ...entry(first), messageHash: hash(second) }] },
      code: 'BAD_PAGE',
    },
    { given: 'a message without a hash', answer: { messages: [{ message: first }] }, code: 'BAD_PAGE' },
    {
      given: 'a hash without a message',
      answer: { messages: [{ messageHash: hash(first) }] },
      code: 'BAD_PAGE',
    },
    {
      given: 'another topic',
      answer: { messages: [entry({ ...first, contentTopic: '/a/1/b/c' })] },
      code: 'BAD_PAGE',
    },
  ])('$given', async ({ answer, code }) => {
    await expect(
      queryPage(
        peerThat(() => answer),
        NODE,
        QUERY,
      ),
    ).rejects.toMatchObject({ code })
  })

  it('pages that go round in circles', async () => {
    const circling = peerThat(() => ({ messages: [entry(first)], paginationCursor: hash(first) }))
    const all = queryAll((cursor) => queryPage(circling, NODE, { ...QUERY, cursor }), {
      peerId: 'node',
      forward: true,
    })
    await expect(all).rejects.toMatchObject({ code: 'BAD_PAGE' })
  })

  it.each([
    { given: 'before', time: { since: 11 } },
    { given: 'after', time: { until: 9 } },
    { given: 'without one', time: { since: 11 }, timestamp: undefined },
  ])('a message $given the time that was asked for', async ({ time, ...given }) => {
    const old = { ...first, timestamp: 10_000_000_000n, ...given }
    const peer = peerThat(() => ({ messages: [entry(old)] }))
    const refused = { detail: { code: 'BAD_PAGE', why: 'a message is of another time' } }
    await expect(queryPage(peer, NODE, { ...QUERY, ...time })).rejects.toMatchObject(refused)
    await expect(
      fetchMessages(peer, NODE, { ...QUERY, ...time }, [bytesToHex(hash(old))]),
    ).rejects.toMatchObject(refused)
    const { messages: found } = await queryPage(peer, NODE, QUERY)
    expect(found).toHaveLength(1)
  })

  it('a message at the last moment not', async () => {
    const at = { ...first, timestamp: 10_000_000_000n }
    const peer = peerThat(() => ({ messages: [entry(at)] }))
    expect((await queryPage(peer, NODE, { ...QUERY, since: 10, until: 10 })).messages).toHaveLength(1)
  })

  it('a node that never comes to an end', async () => {
    let given = 0
    const endless = peerThat(() => {
      const hashes = Array.from({ length: 100 }, () => numberToBytes(++given, { size: 32 }))
      return { messages: hashes.map((messageHash) => ({ messageHash })), paginationCursor: hashes.at(-1) }
    })
    await expect(queryHashes(endless, NODE, QUERY)).rejects.toMatchObject({ code: 'TOO_MUCH' })
    expect(given).toBe(MOST.messages + 100)

    const page = (length: number, payload: Uint8Array): Page => ({
      messages: Array.from({ length }, () => ({
        ...{ messageHash: numberToHex(++given, { size: 32 }), contentTopic: TOPIC, payload, timestamp: 1n },
      })),
      cursor: new Uint8Array(32),
    })
    for (const [length, payload] of [
      [1, new Uint8Array(MOST.bytes / 4)],
      [MOST.messages / 4, new Uint8Array(1)],
    ] as const) {
      let pages = 0
      const all = queryAll(async () => (pages++, page(length, payload)), { peerId: 'node', forward: true })
      await expect(all).rejects.toMatchObject({ detail: { code: 'TOO_MUCH', peerId: 'node', ...MOST } })
      expect(pages).toBe(5)
    }
  })
})
