import {
  LightPushRequestV3,
  LightPushResponseV3,
  PROTOCOLS,
  StoreQueryRequest,
  StoreQueryResponse,
  messageHash,
  type WakuMessage,
} from '@teahouse/protocol/wire'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Market } from '../market/market.ts'
import type { Directory, NodeRecord } from '../net/directory.ts'
import { NetError } from '../net/errors.ts'
import type { Peer } from '../net/peer.ts'
import { paidBefore } from '../payments/budget.ts'
import { PayError } from '../payments/errors.ts'
import type { Order, Till } from '../payments/till.ts'
import { createPublisher } from './publisher.ts'
import { createReader } from './reader.ts'

const TOPIC = '/teahouse-test/1/paying/utf8'
const PRICE = 10n
const NETWORK = { clusterId: 1984, shards: 1 }
const NODES = ['a', 'b', 'c'].map((peerId) => ({ peerId }) as NodeRecord)
const message: WakuMessage = { contentTopic: TOPIC, payload: Uint8Array.of(1), timestamp: 1n }

/** What nodes say to one that has paid; who never paid is asked to. */
let paidAnswer: (peerId: string) => number | 'gone'
/** Nodes that serve nobody more, and what they say with each status. */
let overLimit: string[]
let word: Record<number, string>
let paidTo: string[]
let lefts: bigint[]
let tooExpensive: string[]
let orders: Order[]
let kilobytePrice: bigint
beforeEach(() => {
  paidAnswer = () => 200
  overLimit = []
  word = {}
  ;[paidTo, lefts, tooExpensive, orders, kilobytePrice] = [[], [], [], [], 0n]
})

const deps = () => ({
  network: NETWORK,
  directory: { candidates: async () => NODES } as unknown as Directory,
  peer: {
    async request({ peerId }: NodeRecord, protocol: string, bytes: Uint8Array) {
      const statusCode = paidTo.includes(peerId) ? paidAnswer(peerId) : 429
      const statusDesc = overLimit.includes(peerId)
        ? 'TOO_MANY_REQUESTS: The limit of store-query is reached, see offer 0xabc'
        : word[statusCode as number]
      if (statusCode === 'gone') throw new NetError('gone', { code: 'UNREACHABLE', peerId })
      if (protocol === PROTOCOLS.lightPush) {
        return LightPushResponseV3.encode({
          requestId: LightPushRequestV3.decode(bytes).requestId,
          statusCode,
          statusDesc,
        })
      }
      const { requestId, paginationCursor } = StoreQueryRequest.decode(bytes)
      const hash = messageHash('/waku/2/rs/1984/0', message)
      const more = paginationCursor ? {} : { paginationCursor: hash }
      const messages = [{ messageHash: hash, message, pubsubTopic: '' }]
      return StoreQueryResponse.encode({ requestId, statusCode, statusDesc, messages, ...more })
    },
  } as unknown as Peer,
  market: { preference: async () => (nodes) => nodes, watch: (_node, task) => task() } satisfies Pick<
    Market,
    'preference' | 'watch'
  >,
  till: {
    openQuota: async () => false,
    priceOf: async (_node, service) => (service === 'store-kilobyte' ? kilobytePrice : PRICE),
    async buy({ peerId }, order, budget) {
      lefts.push(budget!.left)
      const detail = { code: 'TOO_EXPENSIVE', peerId, price: PRICE, limit: budget!.left } as const
      const isOver = budget!.left < PRICE
      if (isOver || tooExpensive.includes(peerId)) throw new PayError('no', detail)
      paidTo.push(peerId)
      orders.push(order)
      budget?.add(PRICE)
    },
  } as Partial<Till> as Till,
})

afterEach(() => void vi.useRealTimers())

const publish = (maxPaid?: bigint) => createPublisher(deps()).call(undefined, message, { pay: true, maxPaid })
const history = (maxPaid?: bigint) =>
  createReader(deps()).history({ contentTopic: TOPIC, pay: true, maxPaid })

describe.each([
  ['a message', publish],
  ['a query', history],
] as const)('paying for %s', (_, call) => {
  it('has one budget for all nodes that are tried', async () => {
    paidAnswer = () => 'gone'
    const failed = await call(2n * PRICE).catch((error: unknown) => error)
    expect(paidTo).toEqual(['a', 'b'])
    expect(lefts).toEqual([20n, 10n, 0n])
    expect(failed).toMatchObject({ detail: { code: 'TOO_EXPENSIVE', paid: 2n * PRICE } })
    expect(paidBefore(failed)).toBe(2n * PRICE)
  })

  it('tells what was paid to all of them', async () => {
    paidAnswer = (peerId) => (peerId === 'c' ? 200 : 'gone')
    const result = await call().catch((error: unknown) => error)
    expect(paidTo).toEqual(['a', 'b', 'c'])
    expect(result).toMatchObject({ paid: 3n * PRICE, peerId: 'c' })
  })

  it('pays nothing for a limit that money does not lift, and asks another node', async () => {
    overLimit = ['a']
    expect(await call()).toMatchObject({ paid: PRICE, peerId: 'b' })
    expect(paidTo).toEqual(['b'])
  })

  it('asks another node if one was paid and wants another payment', async () => {
    paidAnswer = (peerId) => (peerId === 'a' ? 429 : 200)
    expect(await call()).toMatchObject({ paid: 2n * PRICE, peerId: 'b' })
    expect(paidTo).toEqual(['a', 'b'])
  })

  it('pays no node twice that wants another payment', async () => {
    paidAnswer = () => 429
    await expect(call()).rejects.toMatchObject({ code: 'STILL_UNPAID', detail: { paid: 3n * PRICE } })
    expect(paidTo).toEqual(['a', 'b', 'c'])
  })

  it('asks another node if one is too expensive', async () => {
    tooExpensive = ['a']
    expect(await call()).toMatchObject({ paid: PRICE, peerId: 'b' })
  })
})

describe('what is ordered', () => {
  it('a push alone, and with a proof if the message has none', async () => {
    await publish()
    expect(orders).toEqual([{ lightpush: 1, proof: 1 }])
    orders = []
    paidTo = []
    const none = new Uint8Array(32)
    const points = { proof: none, merkleRoot: none, epoch: none, shareX: none, shareY: none }
    const proved = { ...message, rateLimitProof: { ...points, nullifier: none, rlnIdentifier: none } }
    await createPublisher(deps()).call(undefined, proved, { pay: true })
    expect(orders).toEqual([{ lightpush: 1 }])
  })

  it('a query, and more kilobytes if those of a usual page do not do', async () => {
    await history()
    expect(orders).toEqual([{ 'store-query': 1 }])
    ;[orders, paidTo, kilobytePrice] = [[], [], 1n]
    paidAnswer = () => (orders.length > 1 ? 200 : 429)
    await history()
    expect(orders).toEqual([
      { 'store-query': 1, 'store-kilobyte': 16 },
      { 'store-query': 1, 'store-kilobyte': 160 },
    ])
  })

  it('once at each node, however long none knows the newest members', async () => {
    vi.useFakeTimers()
    const asked = new Set<string>()
    word = { 420: 'INVALID_MESSAGE: UNKNOWN_ROOT' }
    paidAnswer = (peerId) => (asked.has(peerId) ? 429 : (asked.add(peerId), 420))
    const failed = publish().catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await failed).toMatchObject({ code: 'TOO_MANY_REQUESTS', detail: { paid: 3n * PRICE } })
    expect(paidTo).toEqual(['a', 'b', 'c'])
  })
})
