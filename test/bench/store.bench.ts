import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pubsubTopic, type WakuMessage } from '@teahouse/protocol/wire'
import { createLog } from '@teahouse/nodes'
import type { Bench, Gate, Row } from '../../scripts/bench/bench.ts'
import { sampleOf, type Tools } from '../../scripts/bench/tools.ts'
import { openArchive, type Archive, type Criteria } from '../../nodes/src/store/index.ts'
import { testPostgres } from '../../nodes/src/store/testing/postgres.ts'

const SIZES = { small: 100_000, large: 1_000_000 }
const SHARD = pubsubTopic(1984, 3)
const TOPICS = Array.from({ length: 100 }, (_, at) => `/bench/1/topic-${at}/proto`)
/** Bytes of a payload: a short text, sealed and with its proof. */
const PAYLOAD_BYTES = 500
const DAYS = 10
const DAY_NS = 86_400_000_000_000n
const PAGE = 100
const QUERIES = 10_000
/** Pages before those that count: statements are planned once a connection, code is compiled, and memory filled, as after an hour of service. */
const WARM = 4_000
/** Messages that are on their way at a time, as from some hundred peers, and how many make one round. */
const AT_ONCE = 2_000
const ROUND = 20_000
const ROUNDS = 10

const SECONDS_TOO_SLOW = 15 * 60
let serial = 0

function newMessage(timestamp: bigint): WakuMessage {
  return {
    payload: randomBytes(PAYLOAD_BYTES),
    contentTopic: TOPICS[serial++ % TOPICS.length]!,
    timestamp: timestamp + BigInt(serial % 1_000_000),
  }
}

const anyTime = (now: bigint) => now - BigInt(Math.floor(Math.random() * DAYS * 86_400)) * 1_000_000_000n

/** Fills the archive up to `count` messages of the last days. */
async function fill(archive: Archive, count: number, note: Tools['note']): Promise<void> {
  const now = BigInt(Date.now()) * 1_000_000n - DAY_NS
  const deadline = Date.now() + SECONDS_TOO_SLOW * 1_000
  for (let { messages } = await archive.totals(); messages < count; messages += 1_000) {
    const batch = Array.from({ length: 1_000 }, () => ({
      pubsubTopic: SHARD,
      message: newMessage(anyTime(now)),
    }))
    await archive.restore(batch)
    if (messages % 100_000 === 0) note(`${messages.toLocaleString('en')} messages`)
    if (Date.now() > deadline) return note('gave up filling: too slow')
  }
}

/** Messages a second, each acknowledged when it is on disk. */
async function archiveRate(archive: Archive): Promise<number> {
  const messages = Array.from({ length: ROUND }, () => newMessage(BigInt(Date.now()) * 1_000_000n))
  const began = performance.now()
  let next = 0
  const sender = async () => {
    while (next < ROUND) await archive.put(SHARD, messages[next++]!)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, sender))
  return (1_000 * ROUND) / (performance.now() - began)
}

interface Latency {
  readonly p50: number
  readonly p99: number
  readonly best: number
}

/** Asks for a page of one topic from a random time on, in a random direction. */
function asker(archive: Archive): () => Promise<void> {
  const now = BigInt(Date.now()) * 1_000_000n - DAY_NS
  return async () => {
    const contentTopics = [TOPICS[Math.floor(Math.random() * TOPICS.length)]!]
    const forward = Math.random() < 0.5
    const [since, until] = forward ? [anyTime(now) - DAY_NS, undefined] : [undefined, anyTime(now) + DAY_NS]
    const criteria: Criteria = { topics: { pubsubTopic: SHARD, contentTopics }, since, until }
    await archive.query(criteria, { forward, limit: PAGE, maxBytes: 4_000_000 })
  }
}

/** Milliseconds of a page when each of `clients` asks again as soon as it is answered, and how many they get a second. */
async function pagesInARow(ask: () => Promise<void>, clients: number): Promise<Latency & { rate: number }> {
  const askAll = async (queries: number): Promise<number[]> => {
    const took: number[] = []
    const client = async () => {
      while (took.length < queries) took.push(await timed(ask))
    }
    await Promise.all(Array.from({ length: clients }, client))
    return took
  }
  await askAll(WARM)
  const began = performance.now()
  const took = await askAll(QUERIES)
  return { ...latency(took), rate: (1_000 * took.length) / (performance.now() - began) }
}

/** Milliseconds of a page when so many are asked for a second, at random times, whether the others are answered or not. */
async function pagesAtRate(ask: () => Promise<void>, rate: number): Promise<Latency> {
  const asked: Promise<number>[] = []
  for (let due = performance.now(); asked.length < QUERIES; due -= (Math.log(Math.random()) * 1_000) / rate) {
    await sleep(Math.max(0, due - performance.now()))
    asked.push(timed(ask))
  }
  return latency(await Promise.all(asked))
}

async function timed(ask: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await ask()
  return performance.now() - began
}

function latency(took: readonly number[]): Latency {
  const sorted = took.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!
  return { p50: at(0.5), p99: at(0.99), best: sorted[0]! }
}

function row(metric: string, unit: string, ours: number, min: number, gate: Gate | null): Row {
  return { metric, unit, ours, min, peers: {}, ratio: null, gate }
}

interface Contestant {
  readonly name: string
  readonly clients: number
  readonly p99: Gate
  readonly rate: Gate | null
  /** Waits until what the database does after many writes is done. */
  readonly settle: () => Promise<unknown>
}

async function measure(archive: Archive, of: Contestant, tools: Tools): Promise<Row[]> {
  const rows: Row[] = []
  for (const size of Object.values(SIZES)) {
    await fill(archive, size, tools.note)
    await of.settle()
    const ask = asker(archive)
    const what = `${of.name}: page of ${PAGE}, ${size.toLocaleString('en')} messages`
    const { rate, ...busy } = await pagesInARow(ask, of.clients)
    const clients = `${of.clients} ${of.clients === 1 ? 'client' : 'clients'}`
    rows.push(row(`${what}, ${clients} without a pause, P50`, 'ms', busy.p50, busy.best, null))
    const gate = size === SIZES.large ? of.p99 : null
    rows.push(row(`${what}, ${clients} without a pause, P99`, 'ms', busy.p99, busy.best, gate))
    const { p99, best } = await pagesAtRate(ask, rate / 2)
    rows.push(row(`${what}, at half that rate, P99`, 'ms', p99, best, null))
  }
  const rates: number[] = []
  for (let round = -1; round < ROUNDS; round++) {
    const rate = await archiveRate(archive)
    if (round >= 0) rates.push(rate)
  }
  const { median } = sampleOf(rates)
  rows.push(
    row(`${of.name}: messages kept a second, at 1,000,000`, '/s', median, Math.max(...rates), of.rate),
  )
  return rows
}

async function run(tools: Tools): Promise<Row[]> {
  const log = createLog('silent')
  const folder = await mkdtemp(join(tmpdir(), 'teahouse-bench-'))
  const sqlite = await openArchive({ engine: 'sqlite' }, { dataDir: folder, log })
  tools.note('SQLite')
  const ofSqlite = await measure(
    sqlite,
    {
      name: 'SQLite',
      clients: 1,
      p99: { atMost: 10 },
      rate: { atLeast: 10_000 },
      settle: () => Promise.resolve(),
    },
    tools,
  )
  await sqlite.close()
  await rm(folder, { recursive: true })

  tools.note('PostgreSQL')
  const server = await testPostgres(['shared_buffers=512MB', 'max_wal_size=4GB'])
  const database = await server.database()
  const postgres = await openArchive(database, { dataDir: folder, log })
  const settle = async () => {
    for (const sql of ['VACUUM ANALYZE', 'CHECKPOINT']) await server.query(database, sql)
  }
  const ofPostgres = await measure(
    postgres,
    { name: 'PostgreSQL', clients: 16, p99: { atMost: 20 }, rate: null, settle },
    tools,
  )
  await postgres.close()
  await server.destroy()
  return [...ofSqlite, ...ofPostgres]
}

export default {
  name: 'store',
  title: 'the archive: messages on disk a second, and pages of what is in it',
  run,
} satisfies Bench
