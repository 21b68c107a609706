import type { Pool } from 'pg'
import { EngineError } from '../errors.ts'
import { alone } from './schema.ts'

/** More than two years of days: what restores messages of all ages must not fill the catalogue. */
const MAX_PARTITIONS = 1_000
/** Milliseconds that a change may wait for others: what waits for a lock holds up all that come after it. */
const LOCK_MS = 1_000

/** Start of the partition of a time, in nanoseconds, also before 1970. */
export function partitionOf(timestamp: bigint, partitionNs: bigint): bigint {
  const rest = timestamp % partitionNs
  return timestamp - (rest < 0n ? rest + partitionNs : rest)
}

function tableOf(start: bigint): string {
  return `teahouse.messages_${start < 0n ? `m${-start}` : start}`
}

/** Adds the partitions that are missing. Attached, not created in place, they hold up neither readers nor writers. */
export async function addPartitions(
  pool: Pool,
  timestamps: readonly bigint[],
  partitionNs: bigint,
): Promise<void> {
  const starts = new Set(timestamps.map((timestamp) => partitionOf(timestamp, partitionNs)))
  await alone(pool, async (client) => {
    await client.query(`SET LOCAL lock_timeout = ${LOCK_MS}`)
    const { rows } = await client.query<{ start: string }>('SELECT start FROM teahouse.partitions')
    const known = new Set(rows.map(({ start }) => BigInt(start)))
    const missing = [...starts].filter((start) => !known.has(start))
    if (known.size + missing.length > MAX_PARTITIONS) {
      throw new EngineError(`The archive has ${known.size} partitions and is to have no more`, {
        code: 'TOO_MANY_PARTITIONS',
      })
    }
    for (const start of missing) {
      const table = tableOf(start)
      await client.query(`CREATE TABLE ${table} (LIKE teahouse.messages INCLUDING ALL)`)
      await client.query(
        `ALTER TABLE teahouse.messages ATTACH PARTITION ${table} FOR VALUES FROM (${start}) TO (${start + partitionNs})`,
      )
      await client.query('INSERT INTO teahouse.partitions VALUES ($1)', [start])
    }
  })
}

/** Drops the oldest partition if it ends by `before` (or at all, without it) and returns how many messages it had; undefined if it stays. */
export async function dropOldest(
  pool: Pool,
  partitionNs: bigint,
  before: bigint,
): Promise<number | undefined> {
  const sql = 'SELECT start FROM teahouse.partitions WHERE start <= $1 ORDER BY start LIMIT 1'
  const newest = before - partitionNs
  const { rows: due } = await pool.query(sql, [newest])
  if (due.length === 0) return undefined
  return alone(pool, async (client) => {
    await client.query(`SET LOCAL lock_timeout = ${LOCK_MS}`)
    const { rows } = await client.query<{ start: string }>(sql, [newest])
    if (!rows[0]) return undefined
    const start = BigInt(rows[0].start)
    await client.query(`DROP TABLE ${tableOf(start)}`)
    await client.query('DELETE FROM teahouse.partitions WHERE start = $1', [start])
    const { rows: removed } = await client.query<{ messages: string }>(
      `WITH gone AS (DELETE FROM teahouse.totals WHERE partition = $1 RETURNING messages)
       SELECT coalesce(sum(messages), 0) AS messages FROM gone`,
      [start],
    )
    return Number(removed[0]!.messages)
  })
}
