import {
  decode,
  FilterSubscribeRequest,
  FilterSubscribeResponse,
  frameReader,
  MAX_MESSAGE_FRAME_BYTES,
  MessagePush,
  PROTOCOLS,
  type WakuMessage,
} from '@teahouse/protocol/wire'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Net } from '../net/index.ts'
import { ask, SILENT, testHost, TOPICS, until } from '../net/test-hosts.ts'
import { filter, type Filter } from './filter.ts'

const TOPIC = TOPICS[3] ?? ''
const CONTENT_TOPIC = '/toychat/2/huilong/proto'
const MESSAGE: WakuMessage = { payload: Uint8Array.of(1), contentTopic: CONTENT_TOPIC, timestamp: 5n }
const { FilterSubscribeType: TYPE } = FilterSubscribeRequest

let node: Net
let client: Net
let service: Filter
let received: MessagePush[]
let streams: number

beforeEach(async () => {
  received = []
  streams = 0
  node = await testHost()
  client = await testHost([])
  service = filter({ awayMs: 1_000 })({ net: node, topics: TOPICS, log: SILENT })
  await service.start()
  await client.handle(PROTOCOLS.filterPush, async (stream) => {
    streams += 1
    const reader = frameReader(stream, { maxBytes: MAX_MESSAGE_FRAME_BYTES })
    for (let frame = await reader.read(); frame; frame = await reader.read())
      received.push(decode(MessagePush, frame))
  })
  await node.start()
  await client.start()
})
afterEach(async () => {
  await service.stop()
  await Promise.all([node.stop(), client.stop()])
})

async function send(change: Partial<FilterSubscribeRequest>): Promise<FilterSubscribeResponse> {
  const bytes = FilterSubscribeRequest.encode({
    requestId: 'r',
    filterSubscribeType: TYPE.SUBSCRIBE,
    ...change,
  })
  return decode(FilterSubscribeResponse, await ask(client, node, PROTOCOLS.filterSubscribe, bytes))
}
const CRITERIA = { pubsubTopic: TOPIC, contentTopics: [CONTENT_TOPIC] }

describe('filter', () => {
  it('pushes what was asked for, in order, on one stream', async () => {
    expect(await send(CRITERIA)).toMatchObject({ requestId: 'r', statusCode: 200 })
    for (let payload = 0; payload < 20; payload++) {
      service.push(TOPIC, { ...MESSAGE, payload: Uint8Array.of(payload) })
      service.push(TOPIC, { ...MESSAGE, contentTopic: '/toychat/2/other/proto' })
      service.push(TOPICS[4] ?? '', MESSAGE)
    }
    await until(() => received.length === 20)
    expect(received.map(({ wakuMessage }) => wakuMessage?.payload[0])).toEqual(
      Array.from({ length: 20 }, (_, at) => at),
    )
    expect(received[0]?.pubsubTopic).toBe(TOPIC)
    expect(streams).toBe(1)
  })

  it('pushes a message of the largest size', async () => {
    await send(CRITERIA)
    service.push(TOPIC, { ...MESSAGE, payload: new Uint8Array(150 * 1024 - 100) })
    await until(() => received.length === 1)
  })

  it('answers a ping 404, 200 once subscribed, and 404 after the last criterion is gone', async () => {
    const ping = async () => (await send({ filterSubscribeType: TYPE.SUBSCRIBER_PING })).statusCode
    expect(await ping()).toBe(404)
    await send(CRITERIA)
    await send({ ...CRITERIA, contentTopics: ['/toychat/2/other/proto'] })
    expect(await ping()).toBe(200)
    await send({ ...CRITERIA, filterSubscribeType: TYPE.UNSUBSCRIBE })
    expect(await ping()).toBe(200)
    await send({ filterSubscribeType: TYPE.UNSUBSCRIBE_ALL })
    expect(await ping()).toBe(404)
  })

  it('stops pushing what was unsubscribed', async () => {
    await send({ ...CRITERIA, contentTopics: [CONTENT_TOPIC, '/toychat/2/other/proto'] })
    await send({ ...CRITERIA, filterSubscribeType: TYPE.UNSUBSCRIBE })
    service.push(TOPIC, MESSAGE)
    service.push(TOPIC, { ...MESSAGE, contentTopic: '/toychat/2/other/proto' })
    await until(() => received.length === 1)
    expect(received[0]?.wakuMessage?.contentTopic).toBe('/toychat/2/other/proto')
  })

  it('opens a new stream when the peer resets one', async () => {
    await client.unhandle(PROTOCOLS.filterPush)
    await client.handle(PROTOCOLS.filterPush, (stream) => {
      streams += 1
      stream.abort(new Error('go away'))
    })
    await send(CRITERIA)
    service.push(TOPIC, MESSAGE)
    await until(() => streams === 1)
    await new Promise((resolve) => setTimeout(resolve, 100))
    service.push(TOPIC, MESSAGE)
    await until(() => streams === 2)
  })

  it('drops a subscriber that fails three pushes in a row', async () => {
    await send(CRITERIA)
    await client.unhandle(PROTOCOLS.filterPush)
    for (let push = 0; push < 3; push++) service.push(TOPIC, MESSAGE)
    await until(() => service.subscribers() === 0)
  })

  it('drops a subscriber that stays away', async () => {
    await send(CRITERIA)
    await client.stop()
    await until(() => service.subscribers() === 0, 8_000)
  })
})

describe('when it must refuse', () => {
  const topics = (count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => `/a/1/${from + index}/proto`)
  it.each<{ given: string; request: Partial<FilterSubscribeRequest> }>([
    { given: 'no pubsub topic', request: { contentTopics: [CONTENT_TOPIC] } },
    { given: 'no content topic', request: { pubsubTopic: TOPIC } },
    { given: 'an empty content topic', request: { ...CRITERIA, contentTopics: [''] } },
    { given: '101 content topics', request: { ...CRITERIA, contentTopics: topics(101) } },
    { given: 'a topic of another cluster', request: { ...CRITERIA, pubsubTopic: '/waku/2/rs/1/3' } },
    { given: 'a shard that is not served', request: { ...CRITERIA, pubsubTopic: '/waku/2/rs/1984/8' } },
    { given: 'no criteria to unsubscribe from', request: { filterSubscribeType: TYPE.UNSUBSCRIBE } },
  ])('$given, answers 400', async ({ request }) => {
    expect(await send(request)).toMatchObject({ requestId: 'r', statusCode: 400 })
    expect(service.subscribers()).toBe(0)
  })

  it('the criterion after 1,000, answers 503 and keeps the others', async () => {
    for (let from = 0; from < 1_000; from += 100) {
      expect((await send({ ...CRITERIA, contentTopics: topics(100, from) })).statusCode).toBe(200)
    }
    expect(await send({ ...CRITERIA, contentTopics: topics(1, 1_000) })).toMatchObject({ statusCode: 503 })
    expect(await send({ ...CRITERIA, contentTopics: topics(100) })).toMatchObject({ statusCode: 200 })
  })

  it('unsubscribing without a subscription, answers 404', async () => {
    for (const filterSubscribeType of [TYPE.UNSUBSCRIBE, TYPE.UNSUBSCRIBE_ALL]) {
      expect((await send({ ...CRITERIA, filterSubscribeType })).statusCode).toBe(404)
    }
  })

  it('bytes that are no request, with one of its statuses', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
        const reply = await ask(client, node, PROTOCOLS.filterSubscribe, bytes)
        expect([200, 400, 404]).toContain(decode(FilterSubscribeResponse, reply).statusCode)
      }),
      { numRuns: 40 },
    )
  })
})
