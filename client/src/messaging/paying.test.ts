import {
  LightPushRequestV3,
  LightPushResponseV3,
  PROTOCOLS,
  StoreQueryRequest,
  StoreQueryResponse,
  messageHash,
  type WakuMessage,
} from '@teahouse/protocol/wire'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Directory, NodeRecord } from '../net/directory.ts'
import { NetError } from '../net/errors.ts'
import type { Peer } from '../net/peer.ts'
import { paidBefore } from '../payments/budget.ts'
import { PayError } from '../payments/errors.ts'
import type { Till } from '../payments/till.ts'
import { createPublisher } from './publisher.ts'
import { createReader } from './reader.ts'

const TOPIC = '/teahouse-test/1/paying/utf8'
const PRICE = 10n
const NETWORK = { clusterId: 1984, shards: 1 }
const NODES = ['a', 'b', 'c'].map((peerId) => ({ peerId }) as NodeRecord)
const message: WakuMessage = { contentTopic: TOPIC, payload: Uint8Array.of(1), timestamp: 1n }

/** What nodes say to one that has paid; who never paid is asked to. */
let paidAnswer: (peerId: string) => number | 'gone'
let paidTo: string[]
let lefts: bigint[]
let tooExpensive: string[]
beforeEach(() => {
  paidAnswer = () => 200
  ;[paidTo, lefts, tooExpensive] = [[], [], []]
})

const deps = () => ({
  network: NETWORK,
  directory: { candidates: async () => NODES } as unknown as Directory,
  peer: {
    async request({ peerId }: NodeRecord, protocol: string, bytes: Uint8Array) {
      const statusCode = paidTo.includes(peerId) ? paidAnswer(peerId) : 429
      if (statusCode === 'gone') throw new NetError('gone', { code: 'UNREACHABLE', peerId })
      if (protocol === PROTOCOLS.lightPush) {
        return LightPushResponseV3.encode({
          requestId: LightPushRequestV3.decode(bytes).requestId,
          statusCode,
        })
      }
      const { requestId, paginationCursor } = StoreQueryRequest.decode(bytes)
      const hash = messageHash('/waku/2/rs/1984/0', message)
      const more = paginationCursor ? {} : { paginationCursor: hash }
      const messages = [{ messageHash: hash, message, pubsubTopic: '' }]
      return StoreQueryResponse.encode({ requestId, statusCode, messages, ...more })
    },
  } as unknown as Peer,
  till: {
    async buy({ peerId }, service, budget) {
      lefts.push(budget!.left)
      const detail = { code: 'TOO_EXPENSIVE', peerId, price: PRICE, limit: budget!.left } as const
      const isOver = budget!.left < PRICE
      if (isOver || tooExpensive.includes(peerId)) throw new PayError(`no ${service}`, detail)
      paidTo.push(peerId)
      budget?.add(PRICE)
    },
  } as Till,
})

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

  it('asks another node if one is too expensive', async () => {
    tooExpensive = ['a']
    expect(await call()).toMatchObject({ paid: PRICE, peerId: 'b' })
  })
})
