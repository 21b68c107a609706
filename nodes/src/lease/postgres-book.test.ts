import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { SILENT } from '../net/test-hosts.ts'
import { postgresEngine } from '../store/postgres/engine.ts'
import { openPool } from '../store/postgres/pool.ts'
import { testPostgres, type TestPostgres } from '../store/testing/postgres.ts'
import { postgresBook } from './postgres-book.ts'
import { bookSuite } from './testing/book-suite.ts'

const NODE = '0x00000000000000000000000000000000000000Aa'

let server: TestPostgres
let pool: pg.Pool

beforeAll(async () => {
  server = await testPostgres()
  const config = await server.database()
  await (await postgresEngine(config, SILENT)).close() // makes the tables
  pool = openPool(config, SILENT)
}, 60_000)
afterAll(async () => {
  await pool?.end()
  await server?.destroy()
})

bookSuite('a book in PostgreSQL', () => postgresBook(pool, NODE, 1_000))

it('keeps the claims of another node apart', async () => {
  const claim = {
    ...{ key: new Uint8Array(32), epoch: 5_000n, first: 0, end: 3 },
    ...{ nonce: new Uint8Array(16), signature: new Uint8Array(64) },
  }
  await postgresBook(pool, NODE, 1_000).enter(claim)
  const other = postgresBook(pool, '0x00000000000000000000000000000000000000Bb', 1_000)
  expect(await other.find(claim)).toBeUndefined()
  expect(await postgresBook(pool, NODE.toLowerCase() as typeof NODE, 1_000).find(claim)).toEqual(claim)
})
