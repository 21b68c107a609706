import { describe, expect, it } from 'vitest'
import { encodeMessage } from '@teahouse/protocol/wire'
import { cover, coverCost } from './cover.ts'
import { DEFAULT_LEVELS } from './topics.ts'

const NOW = Date.UTC(2026, 10, 26)

/** Runs so many rounds; what was sent, and the waits. */
async function rounds(count: number, anHour: number, { left = 10, fails = false } = {}) {
  const sent: { topic: string; payload: Uint8Array }[] = []
  const waits: number[] = []
  let next: (() => Promise<void>) | undefined
  cover(anHour, {
    levels: DEFAULT_LEVELS,
    async send(topic, payload) {
      if (fails) throw new Error('offline')
      sent.push({ topic, payload })
    },
    remaining: async () => ({ left, limit: 10 }),
    later: (ms, act) => void (waits.push(ms), (next = act)),
    now: () => NOW,
  }).start()
  for (let round = 0; round < count; round++) await next!()
  return { sent, waits }
}

describe('cover traffic', () => {
  it('looks like conversations: sizes, first byte, buckets all over', async () => {
    const { sent } = await rounds(300, 6)
    expect(sent).toHaveLength(300)
    const sizes = Map.groupBy(sent, ({ payload }) => payload.length)
    expect([...sizes.keys()].filter((size) => ![1_024, 4_096, 16_384].includes(size))).toEqual([])
    expect(sizes.get(1_024)!.length).toBeGreaterThan(220)
    expect(new Set(sent.map(({ payload }) => payload[0]))).toEqual(new Set([2]))
    expect(new Set(sent.map(({ topic }) => topic)).size).toBeGreaterThan(200)
    for (const { topic } of sent) expect(topic).toMatch(/^\/c[0-9a-f]+\/10\/m\/bin$/)
  })

  it('comes at random times, so often an hour on average', async () => {
    const { waits } = await rounds(2_000, 6)
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length
    expect(mean / 600_000).toBeGreaterThan(0.85)
    expect(mean / 600_000).toBeLessThan(1.15)
    // Exponential: the deviation is as large as the mean, and a fixed beat has none.
    const deviation = Math.sqrt(waits.reduce((sum, wait) => sum + (wait - mean) ** 2, 0) / waits.length)
    expect(deviation / mean).toBeGreaterThan(0.8)
  })

  it('leaves half of an epoch’s messages to the person', async () => {
    expect((await rounds(20, 6, { left: 5 })).sent).toEqual([])
  })

  it('waits for ten minutes after a failure, and goes on', async () => {
    const { waits } = await rounds(20, 3_600, { fails: true })
    expect(waits).toHaveLength(21)
    expect(Math.min(...waits.slice(1))).toBeGreaterThanOrEqual(600_000)
  })
})

describe('what cover traffic costs', () => {
  it('is what is sent, with proof and topics', async () => {
    const { sent } = await rounds(2_000, 6)
    const field = new Uint8Array(32).fill(1)
    const rateLimitProof = {
      ...{ proof: new Uint8Array(128).fill(1), merkleRoot: field, epoch: field },
      ...{ shareX: field, shareY: field, nullifier: field, rlnIdentifier: field },
    }
    const draft = { contentTopic: sent[0]!.topic, timestamp: BigInt(NOW) * 1_000_000n, rateLimitProof }
    const beside = encodeMessage({ ...draft, payload: new Uint8Array() })
    const bytes = sent.reduce((sum, { payload }) => sum + payload.length + beside.length, 0)
    const { messagesADay, bytesADay } = coverCost(6)
    expect(messagesADay).toBe(144)
    const ratio = bytesADay / messagesADay / (bytes / sent.length)
    expect(ratio).toBeGreaterThan(0.9) // what is drawn varies
    expect(ratio).toBeLessThan(1.2)
  })
})
