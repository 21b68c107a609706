import { messageHash } from '@teahouse/protocol/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SILENT } from '../../net/test-hosts.ts'
import { archive, type Archive } from '../archive.ts'
import { message, NO_LIMIT, NOW_MS, TOPIC } from '../testing/archives.ts'
import { testPostgres, type TestPostgres } from '../testing/postgres.ts'
import { archiveSuite } from '../testing/suite.ts'
import { PostgresConfig } from './config.ts'
import { postgresEngine } from './engine.ts'
import { PLANNER } from './pool.ts'
import { pageSql } from './reading.ts'

/** The version of the newest tables. */
const NEWEST = 4

let server: TestPostgres
beforeAll(async () => {
  server = await testPostgres()
}, 60_000)
afterAll(() => server?.destroy())

archiveSuite('an archive in PostgreSQL', async () => {
  const config = await server.database()
  return { open: () => postgresEngine(config, SILENT), cleanUp: async () => undefined }
})

const open = async (config: PostgresConfig): Promise<Archive> =>
  archive({ engine: await postgresEngine(config, SILENT), log: SILENT, now: () => NOW_MS })

const numbered = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) =>
    message({ payload: new Uint8Array(Uint32Array.of(from + at).buffer) }),
  )

describe('several processes over one archive', () => {
  it('open it at the same time, and its tables are made once', async () => {
    const config = await server.database()
    const all = await Promise.all([1, 2, 3, 4].map(() => open(config)))
    expect(await server.query(config, 'SELECT version FROM teahouse.archive')).toEqual([{ version: NEWEST }])
    await Promise.all(all.map((one) => one.close()))
  })

  it('keep one of each message that several write at the same time, and count it once', async () => {
    const config = await server.database()
    const [first, second] = [await open(config), await open(config)]
    const messages = numbered(500)
    const put = (to: Archive, some: typeof messages) => Promise.all(some.map((one) => to.put(TOPIC, one)))
    const results = (await Promise.all([put(first, messages), put(second, messages.toReversed())])).flat()
    expect(results.filter((result) => result === 'stored')).toHaveLength(500)
    expect(results.filter((result) => result === 'duplicate')).toHaveLength(500)
    expect((await second.totals()).messages).toBe(500)
    expect((await first.scan({ limit: 1_000 })).length).toBe(500)
    await Promise.all([first.close(), second.close()])
  })
})

describe('a server that restarts under load', () => {
  it('loses nothing that was acknowledged, and makes nobody wait for ever', async () => {
    const config = await server.database({ retryMs: 20_000 })
    const kept = await open(config)
    const acknowledged: Uint8Array[] = []
    const failures: unknown[] = []
    let going = true
    const writer = async (from: number) => {
      for (let at = 0; going; at++) {
        const [one] = numbered(1, from + at)
        await kept.put(TOPIC, one!).then(
          () => acknowledged.push(messageHash(TOPIC, one!)),
          (error: unknown) => failures.push(error),
        )
      }
    }
    const pages = { read: 0 }
    const reader = async () => {
      const topics = { pubsubTopic: TOPIC, contentTopics: [numbered(1)[0]!.contentTopic] }
      while (going) {
        await kept.query({ topics }, { forward: true, limit: 100, maxBytes: NO_LIMIT }).then(
          () => pages.read++,
          (error: unknown) => failures.push(error),
        )
      }
    }
    const writers = [reader(), ...Array.from({ length: 20 }, (_, at) => writer(at * 1_000_000))]
    for (let restart = 0; restart < 2; restart++) {
      const [before, readBefore] = [acknowledged.length, pages.read]
      await server.restart()
      await expect.poll(() => acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(before + 100)
      await expect.poll(() => pages.read, { timeout: 20_000 }).toBeGreaterThan(readBefore + 10)
    }
    going = false
    await Promise.all(writers)
    expect(failures).toEqual([])
    const there = await kept.query(
      { hashes: acknowledged },
      { forward: true, limit: acknowledged.length, maxBytes: NO_LIMIT },
    )
    expect(there.messages.length).toBe(acknowledged.length)
    expect((await kept.totals()).messages).toBe(acknowledged.length)
    await kept.close()
  }, 90_000)

  it('refuses messages while it is away for longer, and takes them when it is back', async () => {
    const config = await server.database({ retryMs: 200, connectMs: 500 })
    const kept = await open(config)
    await kept.put(TOPIC, numbered(1)[0]!)
    await server.end()
    await expect(kept.put(TOPIC, numbered(1, 1)[0]!)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(kept.totals()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await server.start()
    expect(await kept.put(TOPIC, numbered(1, 1)[0]!)).toBe('stored')
    expect((await kept.totals()).messages).toBe(2)
    await kept.close()
  }, 60_000)
})

describe('reading', () => {
  it.each([
    { what: 'forward', forward: true },
    { what: 'backward', forward: false },
  ])(
    'pages of all messages $what walks an index, partition by partition, and scans no table',
    async ({ forward }) => {
      const config = await server.database()
      const kept = await open(config)
      const days = Array.from({ length: 5 }, (_, day) =>
        message({ timestamp: BigInt(day) * 86_400_000_000_000n }),
      )
      await kept.restore(days.map((one) => ({ pubsubTopic: TOPIC, message: one })))
      const { text, values } = pageSql({}, { forward, limit: 100, maxBytes: 4e6 }, undefined)
      const sql = text.replaceAll(/\$(\d)/g, (_match, at: string) => literal(values[Number(at) - 1]))
      const settings = PLANNER.map((name) => `SET ${name} = off`).join('; ')
      const rows = await server.query(config, `${settings}; EXPLAIN ${sql}`)
      const plan = rows.map((row) => String(row['QUERY PLAN'])).join('\n')
      expect(plan).toMatch(/Index (Only )?Scan/)
      expect(plan).not.toMatch(/Seq Scan|Bitmap/)
      expect(plan).not.toMatch(/topic_/)
      await kept.close()
    },
  )
})

function literal(value: unknown): string {
  if (typeof value === 'bigint' || typeof value === 'number') return `'${value}'::bigint`
  if (Array.isArray(value)) return `ARRAY[${value.map(literal).join()}]`
  return `'\\x${(value as Buffer).toString('hex')}'::bytea`
}

describe('when it must refuse to open', () => {
  const refusal = async (config: PostgresConfig) => {
    const error: unknown = await open({ ...config, retryMs: 100, connectMs: 1_000 }).catch(
      (err: unknown) => err,
    )
    return error as { code: string; message: string }
  }

  it('an address where nothing answers: DATABASE_AWAY, naming it without the password', async () => {
    const config = PostgresConfig.parse({ engine: 'postgres', url: 'postgres://user:secret@127.0.0.1:1/tea' })
    const { code, message: text } = await refusal(config)
    expect(code).toBe('DATABASE_AWAY')
    expect(text).toContain('127.0.0.1:1/tea')
    expect(text).not.toContain('secret')
  })

  it.each([
    { given: 'a wrong password', change: (url: string) => url.replace(':teahouse@', ':guess@') },
    { given: 'a database that is not there', change: (url: string) => url.replace(/archive_\d+/, 'nowhere') },
  ])('$given: DATABASE_REFUSED', async ({ change }) => {
    const config = await server.database()
    const { code, message: text } = await refusal({ ...config, url: change(config.url) })
    expect([code, text.includes('guess')]).toEqual(['DATABASE_REFUSED', false])
  })

  it('tables of a newer version: TOO_NEW, and leaves them', async () => {
    const config = await server.database()
    await (await open(config)).close()
    await server.query(config, 'UPDATE teahouse.archive SET version = 99')
    expect(await refusal(config)).toMatchObject({ code: 'TOO_NEW', detail: { found: 99, known: NEWEST } })
    expect(await server.query(config, 'SELECT version FROM teahouse.archive')).toEqual([{ version: 99 }])
  })
})
