import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MessageKey } from '../store/keys.ts'
import { END, message, NOW_NS, testArchive, type TestArchive } from '../store/testing/archives.ts'
import { ownKeys, type OwnKeys } from './own-keys.ts'
import { decodePayload, encodePayload, startOf, type KeyRange, type SyncRange } from './payload.ts'
import { answer, opening } from './reconciler.ts'

const TOPICS = ['/waku/2/rs/1984/1', '/waku/2/rs/1984/2']
const RANGE: KeyRange = { from: startOf(NOW_NS), to: startOf(NOW_NS + 1_000n) }
const LIMITS = { maxBytes: 1_000_000, maxSend: 1_000 }
const { signal } = new AbortController()

let archives: [TestArchive, TestArchive]

beforeAll(async () => {
  archives = [await testArchive(), await testArchive()]
})
afterAll(() => Promise.all(archives.map((archive) => archive.destroy())))

interface Drawn {
  readonly at: number
  readonly topic: number
  readonly sides: number
}

async function fillBoth(all: readonly Drawn[]): Promise<void> {
  for (const [side, archive] of archives.entries()) {
    while ((await archive.prune({ before: END }, 10_000)).more);
    const own = all.flatMap(({ at, topic, sides }, n) =>
      sides & (1 << side)
        ? [
            {
              pubsubTopic: TOPICS[topic]!,
              message: message({
                timestamp: NOW_NS + BigInt(at),
                payload: new Uint8Array(Uint32Array.of(n).buffer),
              }),
            },
          ]
        : [],
    )
    await archive.restore(own)
  }
}

const text = ({ timestamp, hash }: MessageKey) => `${timestamp} ${Buffer.from(hash).toString('hex')}`

async function allOf(own: OwnKeys): Promise<string[]> {
  const all: string[] = []
  for await (const key of own.keys(RANGE)) all.push(text(key))
  return all
}

/** Lets two sides talk, over bytes; what each would send, and in how many payloads. */
async function talk(limits = LIMITS) {
  const sides = archives.map((archive) => ownKeys({ archive, pubsubTopics: TOPICS, signal }))
  const sent: MessageKey[][] = [[], []]
  let ranges: readonly SyncRange[] = [await opening(sides[0]!, RANGE)]
  let payloads = 1
  for (; ranges.length > 0 && payloads < 40; payloads++) {
    const at = payloads % 2
    const { ranges: received } = decodePayload(encodePayload({ pubsubTopics: [], contentTopics: [], ranges }))
    const said = await answer(sides[at]!, received, limits)
    sent[at]!.push(...said.toSend)
    ranges = said.ranges
  }
  const [one, other] = await Promise.all(sides.map(allOf))
  return { payloads, sent: sent.map((keys) => keys.map(text).sort()), one: one!, other: other! }
}

const without = (all: readonly string[], others: readonly string[]) =>
  all.filter((key) => !others.includes(key)).sort()

describe('two sides that reconcile', () => {
  it('find exactly what each lacks, in few payloads, whatever they have', async () => {
    const drawn = fc.array(
      // Few moments, so that many messages share one.
      fc.record({
        at: fc.integer({ min: 0, max: 40 }),
        topic: fc.nat(1),
        sides: fc.integer({ min: 1, max: 3 }),
      }),
      { maxLength: 200 },
    )
    await fc.assert(
      fc.asyncProperty(drawn, async (all) => {
        await fillBoth(all)
        const { payloads, sent, one, other } = await talk()
        expect(sent[0]).toEqual(without(one, other))
        expect(sent[1]).toEqual(without(other, one))
        expect(payloads).toBeLessThan(12)
      }),
      { numRuns: 40 },
    )
  })

  it('find them also where all messages are of one moment', async () => {
    await fillBoth(Array.from({ length: 300 }, (_, n) => ({ at: 7, topic: n % 2, sides: n === 5 ? 1 : 3 })))
    const { sent, one, other } = await talk()
    expect(sent).toEqual([without(one, other), []])
    expect(sent[0]).toHaveLength(1)
  })

  it('leave for later what an answer has no room for, and end', async () => {
    await fillBoth(Array.from({ length: 300 }, (_, n) => ({ at: n, topic: 0, sides: n % 2 ? 1 : 2 })))
    const { payloads, sent, one, other } = await talk({ maxBytes: 3_000, maxSend: 10 })
    expect(payloads).toBeLessThan(12)
    for (const [side, [own, far]] of [
      [one, other],
      [other, one],
    ].entries()) {
      expect(sent[side]!.length).toBeLessThanOrEqual(10)
      for (const key of sent[side]!) expect(without(own!, far!)).toContain(key)
    }
    expect(sent.flat().length).toBeGreaterThan(0)
  })
})
