import pg from 'pg'
import type { Logger } from 'pino'
import type { PostgresConfig } from './config.ts'

/**
 * Every query of the archive walks an index in its order. On fresh tables, whose sizes the planner does not know, it would think them small
 * and sort all of a topic instead.
 */
export const PLANNER = ['enable_seqscan', 'enable_bitmapscan', 'enable_sort', 'enable_incremental_sort']
/** Planning over all partitions takes longer than a page does: each statement with a name is planned once a connection. */
const SESSION = [
  ...[...PLANNER, 'jit'].map((name) => `-c ${name}=off`),
  '-c plan_cache_mode=force_generic_plan',
  '-c synchronous_commit=on',
].join(' ')

/** Connections to the archive's database, for statements that walk an index; made when they are needed. */
export function openPool({ url, connections, connectMs, statementMs }: PostgresConfig, log: Logger): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    query_timeout: statementMs + connectMs,
    idle_in_transaction_session_timeout: statementMs,
    keepAlive: true,
    application_name: 'teahouse',
    options: SESSION,
  })
  // Without a listener, the end of an idle connection would end the process.
  pool.on('error', (err) => log.debug({ err }, 'Lost a connection to the archive'))
  return pool
}
