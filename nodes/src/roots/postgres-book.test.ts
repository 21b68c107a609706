import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkRootAnswer } from '@teahouse/protocol/receipts'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SILENT } from '../net/test-hosts.ts'
import { archive, type Archive } from '../store/archive.ts'
import type { PostgresConfig } from '../store/postgres/config.ts'
import { postgresEngine } from '../store/postgres/engine.ts'
import { openPool } from '../store/postgres/pool.ts'
import { testPostgres, type TestPostgres } from '../store/testing/postgres.ts'
import type { Speaker } from './book.ts'
import { rootDesk } from './desk.ts'
import { postgresBook } from './postgres-book.ts'
import { sealHour } from './seal-hour.ts'
import { bookSuite } from './testing/book-suite.ts'
import {
  account,
  hashesOf,
  HOUR,
  keep,
  messagesOf,
  question,
  SHARD,
  sealDeps,
  SPEAKER,
  WHERE,
} from './testing/roots.ts'

let server: TestPostgres
let folder: string
let config: PostgresConfig
let shared: Archive
let pool: pg.Pool

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teahouse-roots-'))
  server = await testPostgres()
  config = await server.database()
  shared = archive({ engine: await postgresEngine(config, SILENT), log: SILENT })
  pool = openPool(config, SILENT)
}, 60_000)
afterAll(async () => {
  await pool?.end()
  await shared?.close()
  await server?.destroy()
  await rm(folder, { recursive: true })
})

const open = (of: Speaker = SPEAKER) => postgresBook(pool, of, 1_000)

bookSuite('a book in PostgreSQL', open)

describe('processes that share an archive and a key', () => {
  it('say one thing of an hour, though each saw another archive, and each proves it', async () => {
    const messages = messagesOf(700)
    await keep(shared, messages)
    // What each has read when it records: a sync brings messages between their readings.
    const seen = [0, 1, 2, 3].map((at) => ({
      keys: async (range: Parameters<Archive['keys']>[0]) =>
        (await shared.keys(range)).filter((_key, number) => range.after !== undefined || number !== at),
    }))
    const records = await Promise.all(
      seen.map((reading) => sealHour(WHERE, sealDeps(reading, open(), folder))),
    )
    for (const record of records) expect(record).toEqual(records[0])
    expect(records[0]!.count).toBe(699)
    const signed = await Promise.all(
      seen.map(() => rootDesk({ book: open(), speaker: SPEAKER, account }).answer(SHARD, HOUR)),
    )
    for (const { root } of signed) expect(root).toEqual(signed[0]!.root)
    const desk = rootDesk({ book: open(), speaker: SPEAKER, account })
    const found: unknown[] = []
    for (const hash of hashesOf(messages).slice(0, 6)) {
      const answer = await desk.answer(SHARD, HOUR, Buffer.from(hash.slice(2), 'hex'))
      found.push(await checkRootAnswer(question({ messageHash: hash }), answer))
    }
    expect(found.filter((one) => one === 'absent').length).toBeLessThanOrEqual(1)
    const { rows } = await pool.query(
      'SELECT DISTINCT hash_set FROM teahouse.root_parts WHERE hash_set = ANY($1)',
      [records.map(({ set }) => set)],
    )
    expect(rows).toHaveLength(1)
  })

  it('sign no hour that began before they started: a restored database may lack what another one said', async () => {
    expect(await open().open(HOUR)).toBe(HOUR)
    expect(await open().open(HOUR + 5n)).toBe(HOUR + 5n)
  })

  it('let go what a crash left after a day, and nothing younger', async () => {
    const book = open()
    const part = { hashes: new Uint8Array(32), node: new Uint8Array(32) }
    await book.addParts('left', 0, [part, part])
    expect(await book.prune(0n)).toBe(false)
    expect(await book.entries('left')).toHaveLength(2)
    await pool.query(
      "UPDATE teahouse.root_parts SET added = now() - interval '25 hours' WHERE hash_set = 'left'",
    )
    while (await book.prune(0n));
    expect(await book.entries('left')).toEqual([])
  })
})
