import { encodeMessage, messageHash } from '@teahouse/protocol/wire'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SILENT } from '../../net/test-hosts.ts'
import { archive, type Archive } from '../archive.ts'
import type { Criteria, PageRequest } from '../criteria.ts'
import { compareKeys } from '../keys.ts'
import { hex, message, NOW_MS, TOPIC } from '../testing/archives.ts'
import { testPostgres, type TestPostgres } from '../testing/postgres.ts'
import type { PostgresConfig } from './config.ts'
import { copyValue } from './copy.ts'
import { postgresEngine } from './engine.ts'
import { openPool } from './pool.ts'
import { pageCall } from './topic-page.ts'

const DAY_NS = 86_400_000_000_000n
const TOPICS = ['/a/1/x/proto', '/b/1/x/proto', '/c/1/x/proto']

let server: TestPostgres
beforeAll(async () => {
  const explain = ['log_min_duration=0', 'log_nested_statements=on'].map((it) => `auto_explain.${it}`)
  server = await testPostgres([
    'session_preload_libraries=auto_explain',
    ...explain,
    'client_min_messages=log',
  ])
}, 60_000)
afterAll(() => server?.destroy())

const open = async (config: PostgresConfig): Promise<Archive> =>
  archive({ engine: await postgresEngine(config, SILENT), log: SILENT, now: () => NOW_MS })

const restore = (to: Archive, messages: readonly ReturnType<typeof message>[]) =>
  to.restore(messages.map((one) => ({ pubsubTopic: TOPIC, message: one })))

describe('pages by topics', () => {
  // Days in a row, days far apart, and days before 1970.
  const days = [...Array.from({ length: 12 }, (_, day) => day), 40, 41, 1_000, -3, -200].map(BigInt)
  const all = Array.from({ length: 120 }, (_, at) =>
    message({
      contentTopic: TOPICS[at % 7 === 0 ? 2 : at % 2]!,
      timestamp: days[at % days.length]! * DAY_NS + BigInt((at * 7) % 11),
      payload: new Uint8Array(at % 10 === 0 ? 900 : 10 + at).fill(at),
    }),
  )
  const stored = all
    .map((one) => ({
      hash: messageHash(TOPIC, one),
      timestamp: one.timestamp!,
      topic: one.contentTopic,
      bytes: encodeMessage(one),
    }))
    .sort(compareKeys)

  let kept: Archive
  beforeAll(async () => {
    kept = await open(await server.database())
    await restore(kept, all)
  })
  afterAll(() => kept.close())

  /** The pages that there should be, as hashes. */
  function expected(
    { topics, since, until }: Criteria,
    { forward, limit, maxBytes }: PageRequest,
  ): string[][] {
    const wanted = stored.filter(
      ({ topic, timestamp }) =>
        topics!.contentTopics.includes(topic) &&
        timestamp >= (since ?? timestamp) &&
        timestamp < (until ?? timestamp + 1n),
    )
    const pages: string[][] = []
    let room = 0
    for (const { hash, bytes } of forward ? wanted : wanted.toReversed()) {
      const page = pages.at(-1)
      if (page && page.length < limit && bytes.byteLength <= room) page.push(hex(hash))
      else {
        pages.push([hex(hash)])
        room = maxBytes
      }
      room -= bytes.byteLength
    }
    return forward ? pages : pages.map((page) => page.toReversed())
  }

  it('have all messages once, in order, however many days are between them', async () => {
    const time = fc.option(
      fc.bigInt({ min: -250n * DAY_NS, max: 1_100n * DAY_NS }).map((at) => at - (at % DAY_NS)),
      { nil: undefined },
    )
    const given = fc.record({
      contentTopics: fc.subarray(TOPICS, { minLength: 1 }),
      since: time,
      until: time,
      forward: fc.boolean(),
      limit: fc.constantFrom(1, 3, 20, 50, 100),
      maxBytes: fc.constantFrom(1, 500, 1_500, 1_000_000),
    })
    await fc.assert(
      fc.asyncProperty(given, async ({ contentTopics, since, until, ...request }) => {
        const criteria = { topics: { pubsubTopic: TOPIC, contentTopics }, since, until }
        const pages: string[][] = []
        let cursor: Uint8Array | undefined
        do {
          const page = await kept.query(criteria, { ...request, cursor })
          if (page.messages.length > 0) pages.push(page.messages.map(({ hash }) => hex(hash)))
          cursor = page.cursor
        } while (cursor)
        expect(pages).toEqual(expected(criteria, request))
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  it('have messages byte by byte, and topics with any characters', async () => {
    const strange = message({
      contentTopic: "/a\0'; DROP SCHEMA teahouse CASCADE; --\\/1/ü/proto",
      payload: new Uint8Array(300).map((_, at) => at),
    })
    await restore(kept, [strange])
    const topics = { pubsubTopic: TOPIC, contentTopics: [strange.contentTopic] }
    const { messages } = await kept.query({ topics }, { forward: true, limit: 10, maxBytes: 1_000 })
    expect(messages).toEqual([
      {
        hash: messageHash(TOPIC, strange),
        timestamp: strange.timestamp,
        pubsubTopic: TOPIC,
        bytes: encodeMessage(strange),
      },
    ])
    expect(messages[0]!.bytes).not.toBeInstanceOf(Buffer)
  })

  it('are there after an archive of the version before was opened', async () => {
    const config = await server.database()
    const before = await open(config)
    await restore(before, all.slice(0, 10))
    await before.close()
    await server.query(
      config,
      'DROP FUNCTION teahouse.page_of_topics; UPDATE teahouse.archive SET version = 3',
    )
    const after = await open(config)
    const topics = { pubsubTopic: TOPIC, contentTopics: TOPICS }
    const { messages } = await after.query({ topics }, { forward: true, limit: 100, maxBytes: 1_000_000 })
    expect(messages).toHaveLength(10)
    await after.close()
  })
})

describe('the plan of a page by topics', () => {
  it.each([
    { what: 'of one topic', topics: 1, forward: true },
    { what: 'backward', topics: 1, forward: false },
    { what: 'of two topics', topics: 2, forward: true },
  ])(
    '$what walks the index over topics, one partition first, on tables that nobody analysed',
    async (given) => {
      const config = await server.database()
      const kept = await open(config)
      const days = Array.from({ length: 5 }, (_, day) => message({ timestamp: BigInt(day) * DAY_NS }))
      await restore(kept, days)
      await kept.close()

      const plans: string[] = []
      const pool = openPool(config, SILENT)
      pool.on(
        'connect',
        (client) => void client.on('notice', ({ message: text }) => plans.push(String(text))),
      )
      const topics = { pubsubTopic: TOPIC, contentTopics: TOPICS.slice(0, given.topics) }
      const request = { forward: given.forward, limit: 100, maxBytes: 1_000_000 }
      await copyValue(pool, pageCall(topics, {}, request, undefined, DAY_NS))
      await pool.end()

      const reads = plans.filter((plan) => plan.includes('content_topic'))
      expect(reads).toHaveLength(3) // of 1, 2 and the last 2 days
      for (const plan of reads) {
        expect(plan).toContain('pubsub_topic_content_topic')
        expect(plan).not.toMatch(/Seq Scan|Bitmap|messages_\d+_pkey|pubsub_topic_timestamp/)
      }
      expect(reads[0]).toContain('Subplans Removed: 4')
    },
  )
})
