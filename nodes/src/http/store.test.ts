import { messageHash, pubsubTopicOf, type WakuMessage } from '@teahouse/protocol/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CLUSTER_ID, SHARDS, TOPICS } from '../net/test-hosts.ts'
import { PROOF, testApi, type TestApi } from './testing/test-api.ts'

const TOPIC = '/toychat/2/huilong/proto'
const OTHER = '/other/1/x/proto'
const OTHER_SHARD = TOPICS[0]!
const shardOf = (topic: string) => pubsubTopicOf(topic, CLUSTER_ID, SHARDS)
const START = BigInt(Date.now()) * 1_000_000n + 1n

const MESSAGES: WakuMessage[] = Array.from({ length: 25 }, (_, at) => ({
  payload: Uint8Array.of(at),
  contentTopic: at === 24 ? OTHER : TOPIC,
  timestamp: START + BigInt(at),
  rateLimitProof: PROOF,
}))
const HASHES = MESSAGES.map(
  (message) => `0x${Buffer.from(messageHash(shardOf(message.contentTopic), message)).toString('hex')}`,
)

interface Page {
  messages: { messageHash: string; message?: { payload: string; timestamp: number }; pubsubTopic?: string }[]
  paginationCursor?: string
}

let api: TestApi
beforeAll(async () => {
  api = await testApi({ config: { maxPageBytes: 50_000 } })
  for (const message of MESSAGES)
    await Promise.resolve(api.messages.put(shardOf(message.contentTopic), message))
})
afterAll(() => api.stop())

const query = (fields: Record<string, string> = {}) =>
  api.get(`/store/v3/messages?${new URLSearchParams(fields).toString()}`)
const hashes = async (fields: Record<string, string>) => {
  const answer = await query(fields)
  expect(answer).toMatchObject({ status: 200, body: { statusCode: 200, statusDesc: 'OK' } })
  return (answer.body as Page).messages.map(({ messageHash: hash }) => hash)
}

describe('a store query', () => {
  it('answers hashes, twenty of them, with a cursor', async () => {
    const { body } = await query()
    expect(body).toMatchObject({
      messages: HASHES.slice(0, 20).map((messageHash) => ({ messageHash })),
      paginationCursor: HASHES[19],
    })
    expect((body as Page).messages[0]).not.toHaveProperty('message')
  })

  it('answers messages whole, with all digits of their time', async () => {
    const { text, body } = await query({ includeData: 'true', pageSize: '1' })
    expect(body).toMatchObject({
      messages: [
        { message: { payload: 'AA==', contentTopic: TOPIC, version: 0 }, pubsubTopic: shardOf(TOPIC) },
      ],
    })
    expect(text).toContain(`"timestamp":${START},`)
    expect(text).toContain('"proof":"')
  })

  it.each([
    { ascending: 'true', order: HASHES },
    { ascending: 'false', order: HASHES.toReversed() },
  ])('walks all pages, ascending $ascending', async ({ ascending, order }) => {
    const seen: string[] = []
    let cursor: string | undefined = ''
    for (let pages = 0; cursor !== undefined && pages < 10; pages++) {
      const { body } = await query({ ascending, cursor, pageSize: '7' })
      const page = (body as Page).messages.map(({ messageHash: hash }) => hash)
      seen.push(...(ascending === 'true' ? page : page.toReversed()))
      cursor = (body as Page).paginationCursor
    }
    expect(seen).toEqual(order)
  })

  it.each([
    { given: 'a content topic', fields: { contentTopics: OTHER }, expected: [24] },
    {
      given: 'it and its shard',
      fields: { contentTopics: OTHER, pubsubTopic: shardOf(OTHER) },
      expected: [24],
    },
    {
      given: 'a range, inclusive',
      fields: { startTime: `${START + 3n}`, endTime: `${START + 5n}` },
      expected: [3, 4, 5],
    },
    { given: 'a start', fields: { startTime: `${START + 23n}` }, expected: [23, 24] },
    { given: 'hashes', fields: { hashes: `${HASHES[4]},${HASHES[2]!.slice(2)}` }, expected: [2, 4] },
    {
      given: 'empty parameters',
      fields: {
        contentTopics: '',
        startTime: '',
        hashes: '',
        pageSize: '',
        endTime: '0',
        peerAddr: '',
        includeData: '',
        ascending: '',
        pubsubTopic: '',
        cursor: '',
      },
      expected: Array.from({ length: 20 }, (_, at) => at),
    },
    {
      given: 'another of its shards',
      fields: { contentTopics: TOPIC, pubsubTopic: OTHER_SHARD },
      expected: [],
    },
  ])('finds by $given', async ({ fields, expected }) => {
    expect(await hashes(fields as Record<string, string>)).toEqual(expected.map((at) => HASHES[at]))
  })

  it('takes the node’s own address for whom to ask', async () => {
    const own = `/ip4/127.0.0.1/tcp/1/p2p/${api.net.peerId.toString()}`
    expect(await hashes({ peerAddr: own, pageSize: '1' })).toEqual([HASHES[0]])
  })

  it('ends a page where its bytes end, and goes on', async () => {
    const big = (at: number): WakuMessage => ({
      payload: new Uint8Array(30_000).fill(at),
      contentTopic: '/big/1/x/proto',
      timestamp: START + BigInt(1_000 + at),
      rateLimitProof: PROOF,
    })
    for (const message of [big(1), big(2)])
      await Promise.resolve(api.messages.put(shardOf(message.contentTopic), message))
    const { body } = await query({ contentTopics: '/big/1/x/proto', includeData: 'true' })
    expect((body as Page).messages).toHaveLength(1)
    expect((body as Page).paginationCursor).toBe((body as Page).messages[0]!.messageHash)
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'a page of none', fields: { pageSize: '0' } },
    { given: 'a page size that is no number', fields: { pageSize: '1e1' } },
    { given: 'a negative page', fields: { pageSize: '-1' } },
    { given: 'a time that is none', fields: { startTime: 'yesterday' } },
    { given: 'a time of 64 bits', fields: { endTime: `${2n ** 63n}` } },
    { given: 'a flag that is none', fields: { includeData: 'yes' } },
    { given: 'a hash that is too short', fields: { hashes: '0xab' } },
    { given: 'hashes and other criteria', fields: { hashes: HASHES[0]!, contentTopics: TOPIC } },
    { given: 'hashes and a time', fields: { hashes: HASHES[0]!, startTime: '1' } },
    {
      given: 'too many hashes',
      fields: { hashes: Array.from({ length: 1_001 }, () => HASHES[0]).join(',') },
    },
    {
      given: 'too many topics',
      fields: { contentTopics: Array.from({ length: 101 }, () => TOPIC).join(',') },
    },
    { given: 'a shard without topics', fields: { pubsubTopic: shardOf(TOPIC) } },
    { given: 'a pubsub topic that is none', fields: { pubsubTopic: 'x', contentTopics: TOPIC } },
    { given: 'topics of several shards', fields: { contentTopics: `${TOPIC},${OTHER},/a/1/b/c,/b/1/b/c` } },
    { given: 'a topic without a shard', fields: { contentTopics: '/x' } },
    { given: 'another node', fields: { peerAddr: '/ip4/127.0.0.1/tcp/1/p2p/16Uiu2HAm' } },
    {
      given: 'a shard that the node does not keep',
      fields: { pubsubTopic: '/waku/2/rs/1984/8', contentTopics: TOPIC },
      code: 'UNSUPPORTED_PUBSUB_TOPIC',
    },
    { given: 'a parameter that there is not', fields: { pagesize: '1' } },
    { given: 'an unknown cursor', fields: { cursor: '0'.repeat(64) }, code: 'CURSOR_NOT_FOUND' },
    { given: 'a cursor that is none', fields: { cursor: 'x' } },
  ])('$given, answers 400 and says what is wrong', async ({ fields, code = 'BAD_REQUEST' }) => {
    const answer = await query(fields)
    expect(answer).toMatchObject({ status: 400, body: { code, message: expect.any(String) } })
  })

  it('the same parameter twice', async () => {
    expect((await api.get('/store/v3/messages?pageSize=1&pageSize=2')).status).toBe(400)
  })

  it('what it can not read from its archive, it says so with 503, and no more', async () => {
    const broken = await testApi({ query: () => Promise.reject(new Error('disk I/O error at /secret/path')) })
    const answer = await broken.get('/store/v3/messages')
    expect(answer).toMatchObject({ status: 503, body: { code: 'SERVICE_UNAVAILABLE' } })
    expect(answer.text).not.toContain('secret')
    await broken.stop()
  })
})
