import { messageHash, type WakuMessage } from '@teahouse/protocol/wire'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SILENT } from '../../net/test-hosts.ts'
import { archive, type Archive } from '../archive.ts'
import type { Criteria, StoredMessage } from '../criteria.ts'
import type { ArchiveEngine, PruneLimits, Range } from '../engine.ts'
import { compareKeys, type MessageKey } from '../keys.ts'
import { END, hashOf, hex, message, NO_LIMIT, NOW_MS, NOW_NS, TOPIC } from './archives.ts'

export interface SuiteEngine {
  /** Opens the same database at each call. */
  open(): Promise<ArchiveEngine>
  cleanUp(): Promise<void>
}

let kept: Archive
let engine: ArchiveEngine

async function empty(): Promise<void> {
  while ((await kept.prune({ before: END }, 10_000)).more);
}

/** What an archive does, whatever the engine. */
export function archiveSuite(name: string, prepare: () => Promise<SuiteEngine>): void {
  describe(name, () => {
    let prepared: SuiteEngine
    const open = async () => {
      engine = await prepared.open()
      return archive({ engine, log: SILENT, now: () => NOW_MS })
    }

    beforeAll(async () => {
      prepared = await prepare()
      kept = await open()
    })
    afterAll(async () => {
      await kept?.close()
      await prepared?.cleanUp()
    })
    beforeEach(async () => {
      await empty()
    })

    describe('put', putting)
    describe('query', querying)
    describe('scan and keys', scanning)
    describe('prune', pruning)

    it('removes what it is told to by hash, and counts it no more', async () => {
      const [one, other] = [message(), message({ payload: Uint8Array.of(2, 3) })]
      await kept.put(TOPIC, one)
      const before = await kept.totals()
      await kept.put(TOPIC, other)
      const hash = messageHash(TOPIC, other)
      expect(await engine.remove([hash, new Uint8Array(32)])).toBe(1)
      expect(await engine.remove([hash])).toBe(0)
      expect([await kept.has(hash), await kept.has(messageHash(TOPIC, one))]).toEqual([false, true])
      expect(await kept.totals()).toEqual(before)
    })

    it('has what it kept when it is opened again, and its totals', async () => {
      await kept.put(TOPIC, message())
      const before = await kept.totals()
      await kept.close()
      kept = await open()
      expect(await kept.has(messageHash(TOPIC, message()))).toBe(true)
      expect(await kept.totals()).toEqual(before)
    })

    it('says CLOSED once it is closed, to everything', async () => {
      const closed = kept
      await kept.close()
      kept = await open()
      await expect(closed.put(TOPIC, message())).rejects.toMatchObject({ code: 'CLOSED' })
      await expect(closed.query({}, { forward: true, limit: 1, maxBytes: 1 })).rejects.toMatchObject({
        code: 'CLOSED',
      })
      await expect(closed.totals()).rejects.toMatchObject({ code: 'CLOSED' })
    })
  })
}

function putting(): void {
  it.each([
    { given: 'a message of now', change: {}, result: 'stored' },
    { given: 'one from 20 s ago', change: { timestamp: NOW_NS - 20_000_000_000n }, result: 'stored' },
    { given: 'one from before that', change: { timestamp: NOW_NS - 20_000_000_001n }, result: 'late' },
    { given: 'one from the future', change: { timestamp: NOW_NS + 20_000_000_001n }, result: 'late' },
    { given: 'one without a timestamp', change: { timestamp: undefined }, result: 'late' },
    { given: 'an ephemeral one', change: { ephemeral: true }, result: 'ephemeral' },
  ])('answers $result to $given', async ({ change, result }) => {
    expect(await kept.put(TOPIC, message(change))).toBe(result)
    expect((await kept.totals()).messages).toBe(result === 'stored' ? 1 : 0)
  })

  it('keeps a message once, also of copies that come at the same time', async () => {
    const results = await Promise.all([1, 2, 3].map(() => kept.put(TOPIC, message())))
    expect(results.sort()).toEqual(['duplicate', 'duplicate', 'stored'])
    expect(await kept.put(TOPIC, message())).toBe('duplicate')
    expect((await kept.totals()).messages).toBe(1)
  })

  it('keeps every byte of what came, whatever is in its topics', async () => {
    const odd = message({ contentTopic: '/a\0b/1/ü€😀/proto', payload: new Uint8Array(3_000).fill(0xff) })
    await kept.put('/waku/2/rs/1984/\0', odd)
    expect(await kept.get(messageHash('/waku/2/rs/1984/\0', odd))).toEqual(odd)
    const topics = { pubsubTopic: '/waku/2/rs/1984/\0', contentTopics: [odd.contentTopic] }
    const { messages } = await kept.query({ topics }, { forward: true, limit: 10, maxBytes: NO_LIMIT })
    expect(messages).toMatchObject([{ timestamp: NOW_NS, pubsubTopic: '/waku/2/rs/1984/\0' }])
    expect(await kept.get(new Uint8Array(32))).toBeUndefined()
  })

  it('restores messages of any age, but no ephemeral ones and none without a time', async () => {
    const old = [1n, 0n, -5n].map((timestamp) => ({ pubsubTopic: TOPIC, message: message({ timestamp }) }))
    const others = [{ ephemeral: true }, { timestamp: undefined }].map((change) => ({
      pubsubTopic: TOPIC,
      message: message(change),
    }))
    expect(await kept.restore([...old, ...others, ...old])).toBe(3)
    expect(await kept.restore(old)).toBe(0)
    expect((await kept.scan({ limit: 10 })).map(({ timestamp }) => timestamp)).toEqual([-5n, 0n, 1n])
  })
}

/** Walks all pages the way the protocol says; returns the hashes of each page. */
async function walk(criteria: Criteria, forward: boolean, limit: number): Promise<string[][]> {
  const pages: string[][] = []
  let cursor: Uint8Array | undefined
  do {
    const page = await kept.query(criteria, { forward, limit, maxBytes: NO_LIMIT, cursor })
    pages.push(page.messages.map(({ hash }) => hex(hash)))
    cursor = page.cursor
  } while (cursor)
  return pages
}

const CONTENT_TOPICS = ['/a/1/x/proto', '/a/1/y/proto', '/b/1/x/proto']
const second = fc.option(fc.integer({ min: -5, max: 5 }), { nil: undefined })
const at = (offset: number | undefined) =>
  offset === undefined ? undefined : NOW_NS + BigInt(offset) * 1_000_000_000n
const drawn = fc.array(
  fc.record({
    offset: fc.integer({ min: -5, max: 5 }),
    contentTopic: fc.constantFrom(...CONTENT_TOPICS),
    pubsubTopic: fc.constantFrom(TOPIC, '/waku/2/rs/1984/4'),
    payload: fc.uint8Array({ maxLength: 3 }),
  }),
  { maxLength: 30 },
)
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never

interface Modelled extends MessageKey {
  readonly pubsubTopic: string
  readonly contentTopic: string
}

/** Fills the archive anew; what it must hold then, in order. */
async function fillWith(all: Drawn): Promise<Modelled[]> {
  await empty()
  const model = new Map<string, Modelled>()
  const messages = all.map(({ offset, contentTopic, pubsubTopic, payload }) => {
    const one = message({ timestamp: at(offset), contentTopic, payload })
    const hash = messageHash(pubsubTopic, one)
    model.set(hex(hash), { hash, timestamp: at(offset) ?? 0n, pubsubTopic, contentTopic })
    return { pubsubTopic, message: one }
  })
  await kept.restore(messages)
  return [...model.values()].sort(compareKeys)
}

function inTime({ timestamp }: MessageKey, since: bigint | undefined, until: bigint | undefined): boolean {
  return (since === undefined || timestamp >= since) && (until === undefined || timestamp < until)
}

function querying(): void {
  it('walks every matching message once, in order, whatever the page size and direction', async () => {
    const topics = fc.subarray([...CONTENT_TOPICS.slice(0, 2), '/c/1/x/proto'], { minLength: 1 })
    const criteria = fc.record({
      topics: fc.option(topics, { nil: undefined }),
      since: second,
      until: second,
    })
    await fc.assert(
      fc.asyncProperty(
        drawn,
        criteria,
        fc.boolean(),
        fc.integer({ min: 1, max: 7 }),
        async (all, want, forward, limit) => {
          const model = await fillWith(all)
          const [since, until] = [at(want.since), at(want.until)]
          const expected = model
            .filter((one) => !want.topics || want.topics.includes(one.contentTopic))
            .filter((one) => !want.topics || one.pubsubTopic === TOPIC)
            .filter((one) => inTime(one, since, until))
            .map(({ hash }) => hex(hash))
          const asked = want.topics && { pubsubTopic: TOPIC, contentTopics: want.topics }
          const pages = await walk({ topics: asked, since, until }, forward, limit)
          expect(forward ? pages.flat() : [...pages].reverse().flat()).toEqual(expected)
          expect(pages.every((page) => page.length <= limit)).toBe(true)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('looks up hashes, and passes over those it does not have', async () => {
    const all = [1, 2, 3].map((payload) => message({ payload: Uint8Array.of(payload) }))
    await Promise.all(all.map((one) => kept.put(TOPIC, one)))
    const hashes = [...all.slice(1).map((one) => messageHash(TOPIC, one)), new Uint8Array(32)]
    for (const forward of [true, false]) {
      const found = (await walk({ hashes: [...hashes, ...hashes] }, forward, 1)).flat()
      expect(found.sort()).toEqual(hashes.slice(0, 2).map(hex).sort())
    }
  })

  it('ends a page early when its bytes are used up, but never without a message', async () => {
    const all = [1, 2, 3, 4].map((payload) => message({ payload: new Uint8Array(1_000).fill(payload) }))
    await Promise.all(all.map((one) => kept.put(TOPIC, one)))
    const page = await kept.query({}, { forward: true, limit: 10, maxBytes: 2_500 })
    expect(page.messages).toHaveLength(2)
    expect(page.cursor).toEqual(page.messages[1]?.hash)
    expect((await kept.query({}, { forward: true, limit: 10, maxBytes: 10 })).messages).toHaveLength(1)
  })

  it('refuses a cursor that it does not know', async () => {
    const page = { forward: true, limit: 1, maxBytes: NO_LIMIT, cursor: new Uint8Array(32) }
    await expect(kept.query({}, page)).rejects.toMatchObject({ code: 'CURSOR_NOT_FOUND' })
  })
}

/** All of a stretch, `limit` at a time. */
async function walkRange<Key extends MessageKey>(
  range: Omit<Range, 'after'>,
  next: (range: Range) => Promise<readonly Key[]>,
): Promise<Key[]> {
  const all: Key[] = []
  for (;;) {
    const some = await next({ ...range, after: all.at(-1) })
    if (some.length === 0) return all
    expect(some.length).toBeLessThanOrEqual(range.limit)
    all.push(...some)
  }
}

function scanning(): void {
  it('go over every message of a stretch once, in order', async () => {
    const shard = fc.option(fc.constantFrom(TOPIC, '/waku/2/rs/1984/5'), { nil: undefined })
    const limits = fc.integer({ min: 1, max: 7 })
    await fc.assert(
      fc.asyncProperty(drawn, shard, second, second, limits, async (all, pubsubTopic, from, to, limit) => {
        const model = await fillWith(all)
        const range = { since: at(from), until: at(to), pubsubTopic, limit }
        const expected = model
          .filter((one) => pubsubTopic === undefined || one.pubsubTopic === pubsubTopic)
          .filter((one) => inTime(one, range.since, range.until))
        const keys = await walkRange(range, kept.keys)
        expect(keys.map(({ timestamp, hash }) => [timestamp, hex(hash)])).toEqual(
          expected.map(({ timestamp, hash }) => [timestamp, hex(hash)]),
        )
        const messages = await walkRange<StoredMessage>(range, kept.scan)
        expect(messages.map(({ hash, pubsubTopic: of }) => [hex(hash), of])).toEqual(
          expected.map(({ hash, pubsubTopic: of }) => [hex(hash), of]),
        )
      }),
      { numRuns: 50 },
    )
  })

  it('returns 4 MiB at a time of large messages', async () => {
    const large = Array.from({ length: 50 }, (_, at) =>
      message({ payload: new Uint8Array(150_000).fill(at) }),
    )
    await Promise.all(large.map((one) => kept.put(TOPIC, one)))
    const first = await kept.scan({ limit: 1_000 })
    expect(first.length).toBeGreaterThan(20)
    expect(first.length).toBeLessThan(30)
    expect((await walkRange({ limit: 1_000 }, kept.scan)).length).toBe(50)
  })
}

const DAY_NS = 86_400_000_000_000n

/** Messages of the start of each of the last days, oldest first, 1,000 bytes and a little each. */
function daily(days: number): WakuMessage[] {
  const today = (NOW_NS / DAY_NS) * DAY_NS
  return Array.from({ length: days }, (_, at) =>
    message({ timestamp: today - BigInt(days - 1 - at) * DAY_NS, payload: new Uint8Array(1_000).fill(at) }),
  )
}

function pruning(): void {
  const all = daily(5)
  const left = async () => (await kept.scan({ limit: 99 })).map(({ hash }) => hex(hash))
  const newest = (count: number) => all.slice(-count).map((one) => hashOf(one))
  beforeEach(() => kept.restore(all.map((one) => ({ pubsubTopic: TOPIC, message: one }))))

  async function prune(limits: PruneLimits): Promise<number> {
    let removed = 0
    for (let more = true; more;) {
      const step = await kept.prune(limits, 2)
      removed += step.removed
      more = step.more
    }
    return removed
  }

  it.each([
    { by: 'nothing', limits: { before: 0n }, stay: 5 },
    { by: 'time', limits: { before: all[3]!.timestamp! }, stay: 2 },
    { by: 'number', limits: { before: 0n, messages: 2 }, stay: 2 },
    { by: 'a number that is not reached', limits: { before: 0n, messages: 5 }, stay: 5 },
    { by: 'size', limits: { before: 0n, bytes: 3_500 }, stay: 3 },
    { by: 'a size smaller than a message', limits: { before: 0n, bytes: 10 }, stay: 0 },
    {
      by: 'all three, the strictest counts',
      limits: { before: all[1]!.timestamp!, bytes: 3_500, messages: 2 },
      stay: 2,
    },
  ])('by $by lets $stay of 5 stay, the newest, and counts them', async ({ limits, stay }) => {
    const before = await kept.totals()
    expect(await prune(limits)).toBe(5 - stay)
    expect(await left()).toEqual(newest(5).slice(5 - stay))
    const after = await kept.totals()
    expect(after.messages).toBe(stay)
    expect(after.bytes).toBe((before.bytes / 5) * stay)
  })

  it('lets what was removed come back', async () => {
    await prune({ before: END })
    expect(await kept.restore([{ pubsubTopic: TOPIC, message: all[0]! }])).toBe(1)
    expect(await left()).toEqual([hashOf(all[0]!)])
  })
}
