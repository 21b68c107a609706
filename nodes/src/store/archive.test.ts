import { messageHash, type WakuMessage } from '@teahouse/protocol/wire'
import fc from 'fast-check'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../storage/index.ts'
import { archive, ARCHIVE_MIGRATIONS, type Archive } from './archive.ts'
import type { Criteria } from './criteria.ts'
import { compareKeys } from './keys.ts'

const NOW_MS = 1_700_000_000_000
const NOW_NS = BigInt(NOW_MS) * 1_000_000n
const TOPIC = '/waku/2/rs/1984/3'
const NO_LIMIT = Number.MAX_SAFE_INTEGER

function message(change: Partial<WakuMessage> = {}): WakuMessage {
  return { payload: Uint8Array.of(1), contentTopic: '/a/1/x/proto', timestamp: NOW_NS, ...change }
}

function emptyArchive(): Archive {
  return archive({ db: openDatabase(':memory:', ARCHIVE_MIGRATIONS), now: () => NOW_MS })
}

/** Walks all pages the way the protocol says; returns the hashes of each page. */
function walk(messages: Archive, criteria: Criteria, forward: boolean, limit: number): string[][] {
  const pages: string[][] = []
  let cursor: Uint8Array | undefined
  do {
    const page = messages.query(criteria, { forward, limit, maxBytes: NO_LIMIT, cursor })
    pages.push(page.messages.map(({ hash }) => Buffer.from(hash).toString('hex')))
    cursor = page.cursor
  } while (cursor)
  return pages
}

describe('put', () => {
  it.each([
    { given: 'a message of now', change: {}, result: 'stored' },
    { given: 'one from 20 s ago', change: { timestamp: NOW_NS - 20_000_000_000n }, result: 'stored' },
    { given: 'one from before that', change: { timestamp: NOW_NS - 20_000_000_001n }, result: 'late' },
    { given: 'one from the future', change: { timestamp: NOW_NS + 20_000_000_001n }, result: 'late' },
    { given: 'one without a timestamp', change: { timestamp: undefined }, result: 'late' },
    { given: 'an ephemeral one', change: { ephemeral: true }, result: 'ephemeral' },
  ])('answers $result to $given', ({ change, result }) => {
    const messages = emptyArchive()
    expect(messages.put(TOPIC, message(change))).toBe(result)
    expect(messages.count()).toBe(result === 'stored' ? 1 : 0)
  })

  it('keeps a message once', () => {
    const messages = emptyArchive()
    expect(messages.put(TOPIC, message())).toBe('stored')
    expect(messages.put(TOPIC, message())).toBe('duplicate')
    expect(messages.has(messageHash(TOPIC, message()))).toBe(true)
    expect(messages.count()).toBe(1)
  })

  it('has it on disk for the next process', () => {
    const folder = mkdtempSync(join(tmpdir(), 'teahouse-'))
    const path = join(folder, 'messages.sqlite')
    const first = openDatabase(path, ARCHIVE_MIGRATIONS)
    archive({ db: first, now: () => NOW_MS }).put(TOPIC, message())
    first.close()
    const second = openDatabase(path, ARCHIVE_MIGRATIONS)
    expect(archive({ db: second }).count()).toBe(1)
    second.close()
    rmSync(folder, { recursive: true })
  })
})

describe('query', () => {
  it('walks every matching message once, in order, whatever the page size and direction', () => {
    const drawn = fc.record({
      second: fc.integer({ min: -5, max: 5 }),
      topic: fc.constantFrom('/a/1/x/proto', '/a/1/y/proto', '/b/1/x/proto'),
      payload: fc.uint8Array({ maxLength: 3 }),
    })
    const criteria = fc.record({
      topics: fc.option(fc.subarray(['/a/1/x/proto', '/a/1/y/proto', '/c/1/x/proto'], { minLength: 1 }), {
        nil: undefined,
      }),
      since: fc.option(fc.integer({ min: -5, max: 5 }), { nil: undefined }),
      until: fc.option(fc.integer({ min: -5, max: 5 }), { nil: undefined }),
    })
    const at = (second: number | undefined) =>
      second === undefined ? undefined : NOW_NS + BigInt(second) * 1_000_000_000n
    fc.assert(
      fc.property(
        fc.array(drawn, { maxLength: 30 }),
        criteria,
        fc.boolean(),
        fc.integer({ min: 1, max: 7 }),
        (all, want, forward, limit) => {
          const messages = emptyArchive()
          const model = new Map<string, { timestamp: bigint; hash: Uint8Array; contentTopic: string }>()
          for (const { second, topic: contentTopic, payload } of all) {
            const kept = message({ timestamp: at(second), contentTopic, payload })
            messages.put(TOPIC, kept)
            const hash = messageHash(TOPIC, kept)
            model.set(Buffer.from(hash).toString('hex'), {
              timestamp: kept.timestamp ?? 0n,
              hash,
              contentTopic,
            })
          }
          const since = at(want.since)
          const until = at(want.until)
          const expected = [...model]
            .filter(([, { contentTopic }]) => want.topics?.includes(contentTopic) ?? true)
            .filter(
              ([, { timestamp }]) =>
                (since === undefined || timestamp >= since) && (until === undefined || timestamp < until),
            )
            .sort(([, a], [, b]) => compareKeys(a, b))
            .map(([hash]) => hash)
          const topics = want.topics && { pubsubTopic: TOPIC, contentTopics: want.topics }
          const pages = walk(messages, { topics, since, until }, forward, limit)
          expect(forward ? pages.flat() : [...pages].reverse().flat()).toEqual(expected)
          expect(pages.every((page) => page.length <= limit)).toBe(true)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('looks up hashes, and passes over those it does not have', () => {
    const messages = emptyArchive()
    const kept = [1, 2, 3].map((payload) => message({ payload: Uint8Array.of(payload) }))
    for (const one of kept) messages.put(TOPIC, one)
    const hashes = [...kept.slice(1).map((one) => messageHash(TOPIC, one)), new Uint8Array(32)]
    expect(
      walk(messages, { hashes: [...hashes, ...hashes] }, true, 1)
        .flat()
        .sort(),
    ).toEqual(
      hashes
        .slice(0, 2)
        .map((hash) => Buffer.from(hash).toString('hex'))
        .sort(),
    )
  })

  it('ends a page early when its bytes are used up, but never without a message', () => {
    const messages = emptyArchive()
    for (let payload = 0; payload < 4; payload++)
      messages.put(TOPIC, message({ payload: new Uint8Array(1_000).fill(payload) }))
    const page = messages.query({}, { forward: true, limit: 10, maxBytes: 2_500 })
    expect(page.messages).toHaveLength(2)
    expect(page.cursor).toEqual(page.messages[1]?.hash)
    expect(messages.query({}, { forward: true, limit: 10, maxBytes: 10 }).messages).toHaveLength(1)
  })

  it('refuses a cursor that it does not know', () => {
    const page = { forward: true, limit: 1, maxBytes: NO_LIMIT, cursor: new Uint8Array(32) }
    expect(() => emptyArchive().query({}, page)).toThrowError(
      expect.objectContaining({ code: 'CURSOR_NOT_FOUND' }),
    )
  })

  it.each([
    { what: 'by topic', where: 'pubsub_topic = ? AND content_topic = ? AND', index: 'messages_by_topic' },
    { what: 'of all', where: '', index: 'messages_by_time' },
  ])('reads a page $what from its index alone, without sorting', ({ where, index }) => {
    const db = openDatabase(':memory:', ARCHIVE_MIGRATIONS)
    const plan = db
      .prepare(
        `EXPLAIN QUERY PLAN SELECT timestamp, hash FROM messages WHERE ${where} (timestamp, hash) > (?, ?)
         AND (timestamp, hash) < (?, ?) ORDER BY timestamp DESC, hash DESC LIMIT ?`,
      )
      .all() as { detail: string }[]
    expect(plan).toHaveLength(1)
    expect(plan[0]?.detail).toContain(`COVERING INDEX ${index}`)
    expect(plan[0]?.detail).toContain('(timestamp,hash)')
  })
})

describe('prune', () => {
  it('removes what is older, oldest first', () => {
    const messages = emptyArchive()
    messages.put(TOPIC, message({ timestamp: NOW_NS - 2n }))
    messages.put(TOPIC, message({ timestamp: NOW_NS - 1n }))
    messages.put(TOPIC, message())
    expect(messages.prune(NOW_NS, 1)).toBe(1)
    expect(messages.has(messageHash(TOPIC, message({ timestamp: NOW_NS - 1n })))).toBe(true)
    expect(messages.prune(NOW_NS, 10)).toBe(1)
    expect(messages.count()).toBe(1)
  })
})
