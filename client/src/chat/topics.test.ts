import { parseContentTopic, shardOf } from '@teahouse/protocol/wire'
import { describe, expect, it } from 'vitest'
import { bundlesTopic, conversationTopic, dayOf, DEFAULT_LEVELS, inboxTopic, startOfDay } from './topics.ts'

const key = (fill: number) => new Uint8Array(32).fill(fill)
const numbered = (n: number) => Uint8Array.from({ length: 32 }, (_, i) => (n >> (8 * (i % 3))) & 0xff)
const DAY = 20_783

describe('vectors', () => {
  it.each([
    { fill: 0, inbox: '/a37/6/m/bin', bundles: '/b120/9/m/bin', conversation: '/c291/10/m/bin' },
    { fill: 7, inbox: '/a31/6/m/bin', bundles: '/b1fb/9/m/bin', conversation: '/c268/10/m/bin' },
  ])('of a key of 32 × $fill', ({ fill, inbox, bundles, conversation }) => {
    expect(inboxTopic(key(fill))).toBe(inbox)
    expect(bundlesTopic(key(fill))).toBe(bundles)
    expect(conversationTopic(key(fill), DAY)).toBe(conversation)
  })

  it('of days', () => {
    expect(dayOf(Date.UTC(2026, 10, 26, 23, 59, 59, 999))).toBe(DAY)
    expect(startOfDay(DAY)).toBe(Date.UTC(2026, 10, 26))
  })
})

describe('what it does', () => {
  it('fills all buckets evenly, and all shards of a network', () => {
    const buckets = new Map<string, number>()
    const shards = new Set<number>()
    for (let n = 0; n < 6_400; n++) {
      const topic = inboxTopic(numbered(n))
      parseContentTopic(topic)
      buckets.set(topic, (buckets.get(topic) ?? 0) + 1)
      shards.add(shardOf(topic, 8))
    }
    expect(buckets.size).toBe(2 ** DEFAULT_LEVELS.inbox)
    for (const people of buckets.values()) expect(people).toBeGreaterThan(50)
    expect(shards.size).toBe(8)
  })

  it('moves a conversation every day, and to where no other pair can tell', () => {
    const days = Array.from({ length: 60 }, (_, i) => conversationTopic(key(1), DAY + i))
    expect(new Set(days).size).toBeGreaterThan(50)
    const others = Array.from({ length: 60 }, (_, i) => conversationTopic(key(2), DAY + i))
    expect(days.filter((topic, i) => topic === others[i]).length).toBeLessThan(3)
  })

  it('follows the levels of the network', () => {
    const levels = { inbox: 0, bundles: 1, conversations: 16 }
    expect(inboxTopic(key(1), levels)).toBe('/a0/0/m/bin')
    expect(conversationTopic(key(1), DAY, levels)).toMatch(/^\/c[0-9a-f]{1,4}\/16\/m\/bin$/)
  })
})

describe('when it must refuse', () => {
  it.each([-1, 17, 1.5, Number.NaN])('a level of %s', (inbox) => {
    expect(() => inboxTopic(key(1), { ...DEFAULT_LEVELS, inbox })).toThrow(
      expect.objectContaining({ code: 'BAD_LEVEL' }),
    )
  })

  it('to show a key: no topic holds a part of it that is longer than a bucket', () => {
    for (const topic of [inboxTopic(key(0xab)), bundlesTopic(key(0xab)), conversationTopic(key(0xab), DAY)]) {
      expect(topic).toMatch(/^\/[abc][0-9a-f]{1,3}\/\d+\/m\/bin$/)
      expect(topic).not.toMatch(/tea|chat/)
    }
  })
})
