import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WireError } from './errors.ts'
import { parseContentTopic, parsePubsubTopic, pubsubTopic, pubsubTopicOf, shardOf } from './topics.ts'

describe('content topics', () => {
  it('are parsed with and without the generation', () => {
    const parts = { generation: 0, application: 'toychat', version: '2', name: 'huilong', encoding: 'proto' }
    expect(parseContentTopic('/toychat/2/huilong/proto')).toEqual(parts)
    expect(parseContentTopic('/0/toychat/2/huilong/proto')).toEqual(parts)
  })

  it.each([
    { topic: '/toychat/2/huilong/proto', shards: 8, shard: 3 },
    { topic: '/0/toychat/2/huilong/proto', shards: 8, shard: 3 },
    { topic: '/myapp/1/anything/cbor', shards: 8, shard: 0 }, // WAKU2-RELAY-SHARDING, "Example"
    { topic: '/myapp/1/latest/proto', shards: 1, shard: 0 },
  ])('$topic of $shards shards goes to $shard', ({ topic, shards, shard }) => {
    expect(shardOf(topic, shards)).toBe(shard)
    expect(pubsubTopicOf(topic, 1984, shards)).toBe(`/waku/2/rs/1984/${shard}`)
  })

  it.each([
    '',
    '/',
    'toychat/2/huilong/proto',
    '/toychat/2/huilong',
    '/toychat//huilong/proto',
    '/1/a/2/b/c',
    '/x/a/2/b/c',
    '/0/a/2/b/c/d',
  ])('when they must refuse: %j', (topic) => {
    expect(() => shardOf(topic, 8)).toThrowError(expect.objectContaining({ code: 'INVALID_TOPIC' }))
  })
})

describe('pubsub topics', () => {
  it('are written and parsed', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.nat(0xffff), (clusterId, shard) => {
        expect(parsePubsubTopic(pubsubTopic(clusterId, shard))).toEqual({ clusterId, shard })
      }),
    )
  })

  it.each([
    '',
    '/waku/2/rs/1',
    '/waku/2/rs/1/',
    '/waku/2/rs/01/1',
    '/waku/2/rs/1/65536',
    '/waku/2/rs/-1/1',
    '/waku/2/rs/1/1/',
  ])('when they must refuse: %j', (topic) => {
    expect(() => parsePubsubTopic(topic)).toThrowError(expect.objectContaining({ code: 'INVALID_TOPIC' }))
  })

  it('take any string and throw nothing but WireErrors', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (topic) => {
        for (const parse of [parsePubsubTopic, parseContentTopic]) {
          try {
            parse(topic)
          } catch (error) {
            expect(error).toBeInstanceOf(WireError)
          }
        }
      }),
    )
  })
})
