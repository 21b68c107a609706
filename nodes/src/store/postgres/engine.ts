import type pg from 'pg'
import type { Logger } from 'pino'
import type { Criteria, PageRequest } from '../criteria.ts'
import type { ArchiveEngine } from '../engine.ts'
import { ArchiveError } from '../errors.ts'
import type { MessageKey } from '../keys.ts'
import type { PostgresConfig } from './config.ts'
import { copyValue } from './copy.ts'
import { codeOf, retrying } from './failures.ts'
import { openPool } from './pool.ts'
import { asBuffer, asBytes, messagesOf, pageSql, rangeSql, type Row, type Sql } from './reading.ts'
import { migrate } from './schema.ts'
import { pageCall, readPage } from './topic-page.ts'
import { writing } from './writing.ts'

/**
 * The archive in PostgreSQL, a partition a day, shared with other processes. Broken connections and restarts are retried for
 * `retryMs`. Throws ArchiveError DATABASE_AWAY, DATABASE_REFUSED, TOO_OLD, TOO_NEW.
 */
export async function postgresEngine(config: PostgresConfig, log: Logger): Promise<ArchiveEngine> {
  const pool = openPool(config, log)
  const where = placeOf(config.url)
  try {
    const { partitionNs } = await retrying(config.retryMs, () =>
      migrate(pool, where, config.partitionSeconds),
    )
    return {
      ...reading(pool, partitionNs, config.retryMs),
      ...writing(pool, partitionNs, config.retryMs),
      close: () => pool.end(),
    }
  } catch (error) {
    await pool.end()
    throw openError(where, error)
  }
}

type Reading = Pick<ArchiveEngine, 'has' | 'get' | 'page' | 'keys' | 'scan'>

function reading(pool: pg.Pool, partitionNs: bigint, retryMs: number): Reading {
  const all = async <R extends pg.QueryResultRow>({ values, ...sql }: Sql): Promise<R[]> =>
    retrying(retryMs, async () => (await pool.query<R>({ ...sql, values: [...values] })).rows)

  async function find(hash: Uint8Array): Promise<MessageKey | undefined> {
    const text = 'SELECT timestamp FROM teahouse.messages WHERE hash = $1 LIMIT 1'
    const [row] = await all<{ timestamp: string }>({ name: 'find', text, values: [asBuffer(hash)] })
    return row && { timestamp: BigInt(row.timestamp), hash }
  }

  async function read(criteria: Criteria, request: PageRequest, cursor: MessageKey | undefined) {
    if (criteria.topics && !criteria.hashes) {
      const call = pageCall(criteria.topics, criteria, request, cursor, partitionNs)
      return readPage(await retrying(retryMs, () => copyValue(pool, call)), criteria.topics.pubsubTopic)
    }
    const rows = await all<Row>(pageSql(criteria, request, cursor))
    const messages = messagesOf(rows)
    return { messages, leftOut: rows.length - messages.length }
  }

  return {
    has: async (hash) => (await find(hash)) !== undefined,
    async get(hash) {
      const text =
        'SELECT timestamp, hash, pubsub_topic, message FROM teahouse.messages WHERE hash = $1 LIMIT 1'
      return messagesOf(await all<Row>({ name: 'get', text, values: [asBuffer(hash)] }))[0]
    },
    async page(criteria, request) {
      const cursor = request.cursor && (await find(request.cursor))
      if (request.cursor && !cursor) return undefined
      const { messages, leftOut } = await read(criteria, request, cursor)
      const last = messages.at(-1)
      if (!request.forward) messages.reverse()
      return { messages, cursor: leftOut > 0 ? last?.hash : undefined }
    },
    async keys(range) {
      const rows = await all<{ timestamp: string; hash: Buffer }>(rangeSql(range))
      return rows.map(({ timestamp, hash }) => ({ timestamp: BigInt(timestamp), hash: asBytes(hash) }))
    },
    scan: async (range, maxBytes) => messagesOf(await all<Row>(rangeSql(range, maxBytes))),
  }
}

/** Host and database, without the user and the password. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url)
  return `${host}${pathname}`
}

/** Who connects is not let in, or the database is not there. */
const REFUSALS = new Set(['28000', '28P01', '3D000', '42501', 'SASL'])

function openError(where: string, cause: unknown): unknown {
  if (cause instanceof ArchiveError) return cause
  const reason = cause instanceof Error ? cause.message || codeOf(cause) : String(cause)
  if (REFUSALS.has(codeOf(cause)) || /password|SASL/.test(reason)) {
    const advice =
      'Check user, password (PGPASSWORD or a password file) and database, and that it may create a schema'
    return new ArchiveError(
      `${where} refuses the archive: ${reason}. ${advice}.`,
      { code: 'DATABASE_REFUSED', where },
      { cause },
    )
  }
  const text = `${where} gives no answer: ${reason || codeOf(cause)}. Is PostgreSQL running there?`
  return new ArchiveError(text, { code: 'DATABASE_AWAY', where }, { cause })
}
