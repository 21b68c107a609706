import {
  decode,
  messageHash,
  PROTOCOLS,
  StoreQueryRequest,
  StoreQueryResponse,
  type WakuMessage,
} from '@teahouse/protocol/wire'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ChargeResult, Net } from '../net/index.ts'
import { ask, SILENT, testHost, TOPICS, until } from '../net/test-hosts.ts'
import { store } from './store.ts'
import { testArchive, type TestArchive } from './testing/archives.ts'

const TOPIC = TOPICS[3] ?? ''
const CONTENT_TOPIC = '/toychat/2/huilong/proto'
const NOW_NS = BigInt(Date.now()) * 1_000_000n
const MESSAGES: WakuMessage[] = Array.from({ length: 25 }, (_, index) => ({
  payload: Uint8Array.of(index),
  contentTopic: index % 5 === 0 ? '/toychat/2/other/proto' : CONTENT_TOPIC,
  timestamp: NOW_NS + BigInt(index),
}))
const hashOf = (message: WakuMessage) => messageHash(TOPIC, message)
const FORGOTTEN = new Uint8Array(32).fill(7)
const OF_TOPIC = { pubsubTopic: TOPIC, contentTopics: [CONTENT_TOPIC] }

let node: Net
let client: Net
let charged: ChargeResult
let broken = false
let prunedBefore: bigint | undefined
let messages: TestArchive
const service = async () => {
  messages = await testArchive(Date.now)
  await Promise.all(MESSAGES.map((message) => messages.put(TOPIC, message)))
  return store({ retention: { seconds: 60, everyMs: 50 } })({
    net: node,
    topics: [TOPIC],
    messages: {
      query: async (...query) => {
        if (broken) throw new Error('disk')
        return messages.query(...query)
      },
      has: (hash) => messages.has(hash),
      prune: async ({ before }) => {
        prunedBefore = before
        return { removed: 0, more: false }
      },
    },
    isForgotten: (hash) => Buffer.compare(hash, FORGOTTEN) === 0,
    charge: async () => charged,
    now: Date.now,
    log: SILENT,
  })
}

beforeAll(async () => {
  node = await testHost()
  client = await testHost([])
  await (await service()).start()
  await node.start()
  await client.start()
})
afterAll(() => Promise.all([node.stop(), client.stop(), messages.destroy()]))
beforeEach(() => {
  charged = { ok: true }
  broken = false
})

async function query(change: Partial<StoreQueryRequest>): Promise<StoreQueryResponse> {
  const bytes = StoreQueryRequest.encode({ requestId: 'r', paginationForward: true, ...change })
  return decode(StoreQueryResponse, await ask(client, node, PROTOCOLS.store, bytes))
}

describe('store', () => {
  it('answers a page of 20, then the rest by the cursor', async () => {
    const first = await query({ includeData: true })
    expect(first).toMatchObject({ requestId: 'r', statusCode: 200 })
    expect(first.messages.map(({ message }) => message)).toEqual(MESSAGES.slice(0, 20))
    expect(first.messages[0]).toMatchObject({
      pubsubTopic: TOPIC,
      messageHash: hashOf(MESSAGES[0] as WakuMessage),
    })
    const second = await query({ paginationCursor: first.paginationCursor })
    expect(second.messages).toHaveLength(5)
    expect(second.paginationCursor).toBeUndefined()
  })

  it('answers hashes alone without include_data', async () => {
    const { messages } = await query({ ...OF_TOPIC, paginationLimit: 1n })
    expect(messages).toEqual([{ messageHash: hashOf(MESSAGES[1] as WakuMessage) }])
  })

  it('goes backward in pages that are in forward order', async () => {
    const page = await query({
      ...OF_TOPIC,
      includeData: true,
      paginationForward: false,
      paginationLimit: 3n,
    })
    expect(page.messages.map(({ message }) => message?.payload[0])).toEqual([22, 23, 24])
    expect(page.paginationCursor).toEqual(page.messages[0]?.messageHash)
  })

  it('serves a client that asks on with the last hash until a page is empty, as js-waku does', async () => {
    const seen: number[] = []
    for (let cursor: Uint8Array | undefined; ;) {
      const { messages } = await query({
        ...OF_TOPIC,
        includeData: true,
        paginationLimit: 7n,
        paginationCursor: cursor,
      })
      if (messages.length === 0) break
      seen.push(...messages.map(({ message }) => message?.payload[0] ?? -1))
      cursor = messages.at(-1)?.messageHash
    }
    expect(seen).toHaveLength(20)
  })

  it('takes a start that is inclusive and an end that is exclusive', async () => {
    const { messages } = await query({ includeData: true, timeStart: NOW_NS + 2n, timeEnd: NOW_NS + 4n })
    expect(messages.map(({ message }) => message?.payload[0])).toEqual([2, 3])
  })

  it('lets messages go when their time is over', async () => {
    await until(() => prunedBefore !== undefined)
    const ago = BigInt(Date.now()) * 1_000_000n - (prunedBefore ?? 0n)
    expect(Number(ago / 1_000_000_000n)).toBeCloseTo(60, -1)
  })

  it('says which of the hashes it has', async () => {
    const known = hashOf(MESSAGES[7] as WakuMessage)
    const { messages } = await query({ messageHashes: [new Uint8Array(32), known] })
    expect(messages).toEqual([{ messageHash: known }])
  })

  it('says which of the hashes its operator has had it forget, and only when it is asked for them', async () => {
    const known = hashOf(MESSAGES[7] as WakuMessage)
    const { forgotten } = await query({ messageHashes: [FORGOTTEN, known] })
    expect(forgotten).toEqual([FORGOTTEN])
    expect(await query({ messageHashes: [known] })).toMatchObject({ forgotten: [] })
    expect(await query(OF_TOPIC)).toMatchObject({ forgotten: [] })
  })
})

describe('when it must refuse', () => {
  const topics = (count: number) => Array.from({ length: count }, (_, index) => `/a/1/${index}/proto`)
  it.each<{ given: string; request: Partial<StoreQueryRequest>; status: number; says: string }>([
    { given: 'a page of none', request: { paginationLimit: 0n }, status: 400, says: 'at least one' },
    {
      given: 'a shard that is not kept',
      request: { ...OF_TOPIC, pubsubTopic: '/waku/2/rs/1984/4' },
      status: 400,
      says: 'does not keep',
    },
    { given: 'a pubsub topic alone', request: { pubsubTopic: TOPIC }, status: 400, says: 'go together' },
    { given: 'content topics alone', request: { contentTopics: ['/a'] }, status: 400, says: 'go together' },
    {
      given: 'hashes and topics',
      request: { ...OF_TOPIC, messageHashes: [new Uint8Array(32)] },
      status: 400,
      says: 'exclude',
    },
    {
      given: 'hashes and times',
      request: { timeStart: 0n, messageHashes: [new Uint8Array(32)] },
      status: 400,
      says: 'exclude',
    },
    {
      given: 'a short hash',
      request: { messageHashes: [new Uint8Array(31)] },
      status: 400,
      says: '32 bytes',
    },
    {
      given: 'an unknown cursor',
      request: { paginationCursor: new Uint8Array(32) },
      status: 400,
      says: 'cursor not found',
    },
    {
      given: 'too many topics',
      request: { pubsubTopic: TOPIC, contentTopics: topics(101) },
      status: 400,
      says: 'BAD_REQUEST',
    },
  ])('$given, answers $status', async ({ request, status, says }) => {
    const response = await query(request)
    expect(response.statusCode).toBe(status)
    expect(response.statusDesc).toContain(says)
    expect(response.messages).toEqual([])
  })

  it('a peer that has to pay, answers 429 with what the charge says', async () => {
    charged = { ok: false, description: 'see offer 0xabc' }
    expect(await query({})).toMatchObject({
      requestId: 'r',
      statusCode: 429,
      statusDesc: 'TOO_MANY_REQUESTS: see offer 0xabc',
    })
  })

  it('an unknown cursor, before the charge', async () => {
    charged = { ok: false, description: 'see offer 0xabc' }
    expect(await query({ paginationCursor: new Uint8Array(32) })).toMatchObject({ statusCode: 400 })
  })

  it('an archive that fails, answers 503', async () => {
    broken = true
    expect(await query({})).toMatchObject({ statusCode: 503 })
  })

  it('bytes that are no request, answers 400 or takes them as a request', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (bytes) => {
        const response = decode(StoreQueryResponse, await ask(client, node, PROTOCOLS.store, bytes))
        expect([200, 400]).toContain(response.statusCode)
      }),
      { numRuns: 50 },
    )
  })

  it('a frame over the limit, answers 400', async () => {
    const response = await ask(client, node, PROTOCOLS.store, new Uint8Array(130 * 1024))
    expect(decode(StoreQueryResponse, response).statusCode).toBe(400)
  })
})
