import { describe, expect, it } from 'vitest'
import { newConversation, type Conversation } from './record.ts'
import { merged, topicsOf, topicTo } from './routing.ts'
import { conversationTopic, dayOf, DEFAULT_LEVELS, inboxTopic, startOfDay } from './topics.ts'

const NOON = Date.UTC(2026, 10, 26, 12)
const DAY_MS = 86_400_000
const [ACCOUNT, SECRET, DEVICE] = ['0a'.repeat(32), '0b'.repeat(32), '0c'.repeat(32)]
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const inbox = inboxTopic(bytes(ACCOUNT))
const pair = (day: number) => conversationTopic(bytes(SECRET), day)

const talking = (over: Partial<Conversation> = {}): Conversation => ({
  ...newConversation(ACCOUNT, 'open'),
  ...{ secrets: [SECRET], heardAt: NOON - 1_000, spokeAt: NOON - 1_000 },
  devices: { [DEVICE]: { first: 1, knowsSecret: true } },
  ...over,
})

describe('where a message goes', () => {
  it.each([
    { when: 'they talk', over: {}, topic: pair(dayOf(NOON)) },
    { when: 'nothing was heard for a week', over: { heardAt: NOON - 7 * DAY_MS }, topic: inbox },
    {
      when: 'the device may not know the secret',
      over: { devices: { [DEVICE]: { first: 1, knowsSecret: false } } },
      topic: inbox,
    },
    { when: 'the device is new', over: { devices: {} }, topic: inbox },
    { when: 'there is no secret', over: { secrets: [] }, topic: inbox },
  ])('when $when', ({ over, topic }) => {
    expect(topicTo(talking(over), DEVICE, NOON, DEFAULT_LEVELS)).toBe(topic)
  })
})

describe('what is read', () => {
  it('is where the other side writes, whenever it may still do so', () => {
    for (let days = 0; days < 6; days++) {
      const now = NOON + days * DAY_MS
      const topic = topicTo(talking(), DEVICE, now, DEFAULT_LEVELS)
      const mirrored = talking({ heardAt: 0 }) // the other side has only spoken
      expect(topicsOf(mirrored, now, DEFAULT_LEVELS).map((wanted) => wanted.topic)).toContain(topic)
    }
  })

  it('is today’s bucket from its start, and those of days that were missed, to their end', () => {
    const day = dayOf(NOON)
    const wanted = topicsOf(talking({ heardAt: NOON - 2 * DAY_MS, spokeAt: 0 }), NOON, DEFAULT_LEVELS)
    expect(wanted).toEqual([
      {
        topic: pair(day - 2),
        since: startOfDay(day - 2) / 1000 - 600,
        until: startOfDay(day - 1) / 1000 + 600,
      },
      { topic: pair(day - 1), since: startOfDay(day - 1) / 1000 - 600, until: startOfDay(day) / 1000 + 600 },
      { topic: pair(day), since: startOfDay(day) / 1000 - 600 },
    ])
  })

  it('is tomorrow’s too around midnight', () => {
    const late = startOfDay(dayOf(NOON) + 1) - 60_000
    const topics = topicsOf(talking({ heardAt: late }), late, DEFAULT_LEVELS).map(({ topic }) => topic)
    expect(topics).toEqual([pair(dayOf(NOON)), pair(dayOf(NOON) + 1)])
  })

  it.each([
    { given: 'a stranger', over: { kind: 'request' as const } },
    { given: 'a silence of nine days', over: { heardAt: NOON - 9 * DAY_MS, spokeAt: NOON - 9 * DAY_MS } },
  ])('is nothing of $given', ({ over }) => {
    expect(topicsOf(talking(over), NOON, DEFAULT_LEVELS)).toEqual([])
  })

  it('is one entry a topic, with all that is wanted of it', () => {
    const one = { topic: 'a', since: 5, until: 9 }
    expect(merged([one, { topic: 'a', since: 3, until: 4 }])).toEqual([{ topic: 'a', since: 3, until: 9 }])
    expect(merged([one, { topic: 'a', since: 7 }])).toEqual([{ topic: 'a', since: 5 }])
  })
})
