import { StoreQueryRequest, StoreQueryResponse, messageHash, type WakuMessage } from '@teahouse/protocol/wire'
import { bytesToHex } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Directory, NodeRecord } from '../net/directory.ts'
import { NetError } from '../net/errors.ts'
import type { Peer } from '../net/peer.ts'
import type { Till } from '../payments/till.ts'
import { createReader, type HistoryOptions } from './reader.ts'

const TOPIC = '/teahouse-test/1/reader/utf8'
const PUBSUB = '/waku/2/rs/1984/0'
const NODES = ['a', 'b'].map((peerId) => ({ peerId }) as NodeRecord)
const MESSAGES = Array.from({ length: 7 }, (_, at): WakuMessage => ({
  contentTopic: TOPIC,
  payload: Uint8Array.of(at),
  timestamp: 1_800_000_000_000_000_000n + BigInt(at) * 1_000_000_000n,
}))
const hashOf = (message: WakuMessage) => messageHash(PUBSUB, message)
const PRICE = 10n

/** What each node keeps, how many pages it gives before it is gone, and whom it served how often. */
let kept: Record<string, WakuMessage[]>
let pagesLeft: Record<string, number>
let pages: string[]
let credit: Record<string, number>
let bought: string[]
beforeEach(() => {
  kept = { a: MESSAGES, b: MESSAGES }
  pagesLeft = { a: Infinity, b: Infinity }
  ;[pages, credit, bought] = [[], {}, []]
})

function answer(peerId: string, request: StoreQueryRequest): Partial<StoreQueryResponse> {
  if (!credit[peerId]) return { statusCode: 429 }
  const {
    paginationForward: forward,
    paginationCursor: cursor,
    timeStart = 0n,
    timeEnd = 2n ** 62n,
  } = request
  const stored = kept[peerId]!.filter(({ timestamp: at = 0n }) => at >= timeStart && at <= timeEnd)
  const ordered = forward ? stored : stored.toReversed()
  const at = cursor ? ordered.findIndex((message) => bytesToHex(hashOf(message)) === bytesToHex(cursor)) : -1
  if (cursor && at < 0) return { statusCode: 400, statusDesc: 'BAD_REQUEST: cursor not found' }
  credit[peerId]--
  pages.push(peerId)
  const limit = Number(request.paginationLimit)
  const page = ordered.slice(at + 1, at + 1 + limit)
  const last = page.at(-1)
  const messages = (forward ? page : page.toReversed()).map((message) => ({
    ...{ message, messageHash: hashOf(message), pubsubTopic: PUBSUB },
  }))
  const isMore = at + 1 + limit < ordered.length
  return { statusCode: 200, messages, ...(isMore && last && { paginationCursor: hashOf(last) }) }
}

const reader = () =>
  createReader({
    network: { clusterId: 1984, shards: 1 },
    directory: { candidates: async () => NODES } as unknown as Directory,
    peer: {
      async request({ peerId }: NodeRecord, _protocol: string, bytes: Uint8Array) {
        if (pagesLeft[peerId]! <= 0) throw new NetError('gone', { code: 'UNREACHABLE', peerId })
        const request = StoreQueryRequest.decode(bytes)
        const given = answer(peerId, request)
        if (given.statusCode === 200) pagesLeft[peerId]!--
        return StoreQueryResponse.encode({ requestId: request.requestId, messages: [], ...given })
      },
    } as unknown as Peer,
    till: {
      openQuota: async () => false,
      priceOf: async () => 0n,
      async buy({ peerId }, _order, budget) {
        credit[peerId] = (credit[peerId] ?? 0) + 1
        bought.push(peerId)
        budget?.add(PRICE)
      },
    } as Partial<Till> as Till,
    market: { preference: async () => (nodes) => nodes, watch: (_node, task) => task() },
  })

const read = (options: Partial<HistoryOptions> = {}) =>
  reader().history({ contentTopic: TOPIC, pageSize: 2, pay: true, ...options })
const numbers = (messages: readonly { payload: Uint8Array }[]) => messages.map(({ payload }) => payload[0])

describe.each([{ newest: false }, { newest: true }])(
  'a node that fails in the middle, newest: $newest',
  (way) => {
    it('is followed by another from where it ended, and no page is paid twice', async () => {
      pagesLeft.a = 2
      const { messages, paid, peerId } = await read(way)
      expect(numbers(messages)).toEqual([0, 1, 2, 3, 4, 5, 6])
      expect(pages).toEqual(['a', 'a', 'b', 'b'])
      expect([paid, peerId]).toEqual([4n * PRICE, 'b'])
    })

    it('is followed from the time of its last message by one that does not have that message', async () => {
      pagesLeft.a = 2
      kept.b = MESSAGES.filter((_, at) => at !== 3) // where the second page ends, from either side
      const { messages } = await read(way)
      expect(numbers(messages)).toEqual([0, 1, 2, 3, 4, 5, 6])
      expect(bought.filter((peerId) => peerId === 'b')).toHaveLength(2)
    })

    it('leaves no more than the limit to the next', async () => {
      pagesLeft.a = 1
      const { messages } = await read({ ...way, limit: 3 })
      expect(numbers(messages)).toEqual(way.newest ? [4, 5, 6] : [0, 1, 2])
      expect(pages).toEqual(['a', 'b'])
    })
  },
)
