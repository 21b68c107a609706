import { decodeMessage, pubsubTopicOf, RateLimitProof } from '@teahouse/protocol/wire'
import { TeahouseError } from '@teahouse/protocol/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CLUSTER_ID, SHARDS, TOPICS } from '../net/test-hosts.ts'
import { PROOF, testApi, type TestApi, type TestApiOptions } from './testing/test-api.ts'

const TOPIC = '/toychat/2/huilong/proto'
const SHARD_TOPIC = pubsubTopicOf(TOPIC, CLUSTER_ID, SHARDS)
const OTHER_SHARD = TOPICS.find((topic) => topic !== SHARD_TOPIC)!
/** Nanoseconds that a JavaScript number rounds. */
const DIGITS = `${BigInt(Date.now()) * 1_000_000n + 7n}`
const MESSAGE = { payload: 'dGVh', contentTopic: TOPIC, timestamp: DIGITS }

const ON_SHARD = `/relay/v1/messages/${encodeURIComponent(SHARD_TOPIC)}`
const AUTO = '/relay/v1/auto/messages'
const PUSH = '/lightpush/v3/message'

let api: TestApi
async function open(options: TestApiOptions = {}) {
  api = await testApi(options)
  return api
}
beforeEach(() => open())
afterEach(() => api.stop())

async function kept() {
  const page = await api.messages.query({}, { forward: true, limit: 10, maxBytes: 1_000_000 })
  return page.messages.map(({ bytes, pubsubTopic }) => ({ pubsubTopic, ...decodeMessage(bytes) }))
}

describe('publishing', () => {
  it.each([
    { given: 'on its pubsub topic', url: ON_SHARD, body: MESSAGE, answer: 'OK' },
    { given: 'on the shard of its content topic', url: AUTO, body: MESSAGE, answer: 'OK' },
    {
      given: 'by light push',
      url: PUSH,
      body: { pubsubTopic: SHARD_TOPIC, message: MESSAGE },
      answer: { statusDesc: 'OK', relayPeerCount: 3 },
    },
    {
      given: 'by light push without a shard',
      url: PUSH,
      body: { pubsubTopic: '', message: MESSAGE },
      answer: { statusDesc: 'OK', relayPeerCount: 3 },
    },
  ])('$given keeps the message, with a proof, and answers', async ({ url, body, answer }) => {
    expect(await api.post(url, body)).toMatchObject({ status: 200, body: answer })
    expect(await kept()).toMatchObject([
      { pubsubTopic: SHARD_TOPIC, contentTopic: TOPIC, timestamp: BigInt(DIGITS), rateLimitProof: PROOF },
    ])
  })

  it.each([
    { given: 'a string', timestamp: `"${DIGITS}"`, expected: BigInt(DIGITS) },
    { given: 'an integer that numbers round', timestamp: DIGITS, expected: BigInt(DIGITS) },
  ])('takes the timestamp as $given, without losing a digit', async ({ timestamp, expected }) => {
    const text = `{"payload":"dGVh","contentTopic":"${TOPIC}","timestamp":${timestamp}}`
    expect((await api.post(AUTO, text)).status).toBe(200)
    expect((await kept())[0]!.timestamp).toBe(expected)
  })

  it.each([{}, { timestamp: 0 }])('takes now for the timestamp of %j', async (timestamp) => {
    expect((await api.post(AUTO, { payload: '', contentTopic: TOPIC, ...timestamp })).status).toBe(200)
    const [{ timestamp: stamped = 0n } = {}] = await kept()
    expect(Math.abs(Number(stamped / 1_000_000n) - Date.now())).toBeLessThan(10_000)
  })

  it('uses the proof that comes with the message', async () => {
    const own = { ...PROOF, merkleRoot: new Uint8Array(32).fill(77) }
    const proof = Buffer.from(RateLimitProof.encode(own)).toString('base64')
    expect((await api.post(AUTO, { ...MESSAGE, proof })).status).toBe(200)
    expect((await kept())[0]!.rateLimitProof).toEqual(own)
  })

  it('succeeds again for what is kept', async () => {
    await api.post(PUSH, { message: MESSAGE })
    expect((await api.post(PUSH, { message: MESSAGE })).body).toMatchObject({ statusDesc: 'DUPLICATE' })
    expect((await api.post(AUTO, MESSAGE)).status).toBe(200)
    expect(await kept()).toHaveLength(1)
  })
})

describe('subscriptions', () => {
  const AUTO_TOPIC = `${AUTO}/${encodeURIComponent(TOPIC)}`

  it('hand out each message once, oldest first, with all digits of its time', async () => {
    await api.post('/relay/v1/auto/subscriptions', [TOPIC])
    await api.post('/relay/v1/subscriptions', [SHARD_TOPIC])
    await api.post(AUTO, MESSAGE)
    await api.post(AUTO, { ...MESSAGE, payload: 'bWlsaw==' })
    for (const url of [AUTO_TOPIC, ON_SHARD]) {
      const answer = await api.get(url)
      expect(answer.body).toMatchObject([{ payload: 'dGVh', contentTopic: TOPIC }, { payload: 'bWlsaw==' }])
      expect(answer.text).toContain(`"timestamp":${DIGITS},`)
      expect((await api.get(url)).body).toEqual([])
    }
  })

  it('end', async () => {
    await api.post('/relay/v1/auto/subscriptions', [TOPIC])
    await api.post(AUTO, MESSAGE)
    expect(await api.delete('/relay/v1/auto/subscriptions', [TOPIC])).toMatchObject({
      status: 200,
      body: 'OK',
    })
    expect(await api.get(AUTO_TOPIC)).toMatchObject({ status: 404, body: { code: 'NOT_SUBSCRIBED' } })
    await api.post('/relay/v1/auto/subscriptions', [TOPIC])
    expect((await api.get(AUTO_TOPIC)).body).toEqual([])
  })

  it('are limited in number, and then none is added', async () => {
    await api.stop()
    await open({ config: { maxSubscriptions: 2 } })
    expect((await api.post('/relay/v1/auto/subscriptions', ['/a/1/b/c', '/a/1/b/c'])).status).toBe(200)
    const more = await api.post('/relay/v1/auto/subscriptions', ['/a/1/b/d', '/a/1/b/e'])
    expect(more).toMatchObject({ status: 400, body: { code: 'TOO_MANY_SUBSCRIPTIONS' } })
    expect((await api.get(`${AUTO}/${encodeURIComponent('/a/1/b/d')}`)).status).toBe(404)
  })

  it.each([
    { limit: { keptMessages: 2 }, left: ['Mg==', 'Mw=='] },
    { limit: { keptBytes: 600 }, left: ['Mw=='] },
  ])('keep the newest within $limit', async ({ limit, left }) => {
    await api.stop()
    await open({ config: limit, push: { kept: () => Promise.resolve(undefined) } })
    await api.post('/relay/v1/auto/subscriptions', [TOPIC])
    for (const payload of ['MQ==', 'Mg==', 'Mw=='])
      await api.post(AUTO, {
        ...MESSAGE,
        payload,
        proof: Buffer.from(RateLimitProof.encode(PROOF)).toString('base64'),
      })
    expect((await api.get(AUTO_TOPIC)).body).toMatchObject(left.map((payload) => ({ payload })))
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'no JSON', body: '{', code: 'BAD_REQUEST' },
    { given: 'nothing', body: '', code: 'BAD_REQUEST' },
    { given: 'no object', body: '7', code: 'BAD_REQUEST' },
    { given: 'no payload', body: { contentTopic: TOPIC } },
    { given: 'a payload that is no base64', body: { ...MESSAGE, payload: 'not base64!' } },
    { given: 'base64 that is cut off', body: { ...MESSAGE, payload: 'dGVhd' } },
    { given: 'no content topic', body: { payload: '' } },
    { given: 'a content topic without a shard', body: { ...MESSAGE, contentTopic: '/x' } },
    { given: 'half a character in the topic', body: `{"payload":"","contentTopic":"/a/1/\\ud800/x"}` },
    { given: 'a fraction of a nanosecond', body: { ...MESSAGE, timestamp: 1.5 } },
    { given: 'a time before 1970', body: { ...MESSAGE, timestamp: -1 } },
    { given: 'a time of 64 bits', body: { ...MESSAGE, timestamp: `${2n ** 63n}` } },
    { given: 'a timestamp that is none', body: { ...MESSAGE, timestamp: 'now' } },
    { given: 'a proof that is none', body: { ...MESSAGE, proof: 'dGVh' } },
    { given: 'a field that there is not', body: { ...MESSAGE, plyload: '' } },
    { given: 'a prototype', body: `{"__proto__":{"payload":""},"payload":"","contentTopic":"${TOPIC}"}` },
  ])('$given, answers 400 and keeps nothing', async ({ body }) => {
    const answer = await api.post(AUTO, body)
    expect(answer).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST', message: expect.any(String) } })
    expect(await kept()).toEqual([])
  })

  it.each([
    { given: 'another shard', url: `/relay/v1/messages/${encodeURIComponent(OTHER_SHARD)}`, status: 421 },
    { given: 'another cluster', url: '/relay/v1/messages/%2Fwaku%2F2%2Frs%2F1%2F0', status: 421 },
    { given: 'no shard', url: '/relay/v1/messages/x', status: 400 },
  ])('a message on $given, answers $status', async ({ url, status }) => {
    expect((await api.post(url, MESSAGE)).status).toBe(status)
    expect(await kept()).toEqual([])
  })

  it('subscriptions to what the node does not relay', async () => {
    const answer = await api.post('/relay/v1/subscriptions', ['/waku/2/rs/1/0'])
    expect(answer).toMatchObject({ status: 400, body: { code: 'UNSUPPORTED_PUBSUB_TOPIC' } })
  })

  it('too long a body, before it is read', async () => {
    const answer = await api.post(AUTO, { ...MESSAGE, payload: 'A'.repeat(300_000) })
    expect(answer).toMatchObject({ status: 413, body: { code: 'PAYLOAD_TOO_LARGE' } })
  })

  it('too long a topic, in a path, and takes the longest there may be', async () => {
    const url = (bytes: number) => `${AUTO}/${encodeURIComponent(`/a/1/${'茶'.repeat(bytes / 3)}/x`)}`
    expect(await api.get(url(1_005))).toMatchObject({ status: 404, body: { code: 'NOT_SUBSCRIBED' } })
    expect(await api.get(url(4_200))).toMatchObject({ status: 414, body: { code: 'URI_TOO_LONG' } })
  })

  it('too long a message', async () => {
    const long = { ...MESSAGE, payload: 'A'.repeat(4 * 52_000) }
    expect(await api.post(AUTO, { ...long, meta: 'A'.repeat(100) })).toMatchObject({ status: 413 })
  })

  it('bodies that are not said to be JSON, as a form of a web page sends them', async () => {
    const answer = await api.post(AUTO, JSON.stringify(MESSAGE), { 'content-type': 'text/plain' })
    expect(answer).toMatchObject({ status: 415, body: { code: 'UNSUPPORTED_MEDIA_TYPE' } })
  })

  it.each<{ push: TestApiOptions['push']; status: number; code: string; text: string }>([
    {
      push: {
        holdProof: () => () => undefined,
        attachProof: () => Promise.reject(new TeahouseError('none left', { code: 'OUT_OF_RLN_PROOF' })),
      },
      status: 504,
      code: 'OUT_OF_RLN_PROOF',
      text: 'none left',
    },
    {
      push: { validate: () => Promise.resolve({ result: 'ignore', code: 'MEMBERSHIP_UNKNOWN' }) },
      status: 503,
      code: 'SERVICE_NOT_AVAILABLE',
      text: 'MEMBERSHIP_UNKNOWN',
    },
    {
      push: { validate: () => Promise.resolve({ result: 'reject', code: 'INVALID_PROOF' }) },
      status: 420,
      code: 'INVALID_MESSAGE',
      text: 'INVALID_PROOF',
    },
    {
      push: { keep: () => Promise.reject(new TeahouseError('late', { code: 'LATE' })) },
      status: 420,
      code: 'INVALID_MESSAGE',
      text: 'TIMESTAMP_OUT_OF_WINDOW',
    },
    {
      push: { relay: { publish: () => Promise.resolve({ peers: 0, seen: false }), peers: () => 0 } },
      status: 505,
      code: 'NO_PEERS_TO_RELAY',
      text: 'no peers',
    },
    {
      push: { keep: () => Promise.reject(new Error('disk full at /secret/path')) },
      status: 500,
      code: 'INTERNAL_SERVER_ERROR',
      text: 'could not be processed',
    },
  ])('with the protocol’s own status $status, $code', async ({ push, status, code, text }) => {
    await api.stop()
    await open({ push: push! })
    const published = await api.post(AUTO, MESSAGE)
    expect(published).toMatchObject({ status, body: { code, message: expect.stringContaining(text) } })
    expect(published.text).not.toContain('secret')
    const { message } = published.body as { message: string }
    expect(await api.post(PUSH, { message: MESSAGE })).toMatchObject({
      status,
      body: { code, statusDesc: message },
    })
    expect(await kept()).toEqual([])
  })
})
