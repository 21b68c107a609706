import type { Pool } from 'pg'
import type { MessageRow, Pruned, PruneLimits, Totals } from '../engine.ts'
import { codeOf, mayBeDone, NO_PARTITION, retrying } from './failures.ts'
import { addPartitions, dropOldest } from './partitions.ts'
import { asBuffer } from './reading.ts'

/** Rows of totals that writers share out among themselves, so that they seldom wait for each other. */
const WRITERS = 16

export interface Writing {
  insert(rows: readonly MessageRow[]): Promise<boolean[]>
  remove(hashes: readonly Uint8Array[]): Promise<number>
  totals(): Promise<Totals>
  prune(limits: PruneLimits, limit: number): Promise<Pruned>
}

/** Start of the partition of `timestamp`, as partitionOf computes it. */
const partition = (ns: bigint) => `timestamp - ((timestamp % ${ns}) + ${ns}) % ${ns}`

const addSql = (ns: bigint) => `WITH added AS (
    INSERT INTO teahouse.messages (hash, timestamp, pubsub_topic, content_topic, message)
    SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[])
      AS given (hash, timestamp, pubsub_topic, content_topic, message)
    ORDER BY timestamp, hash ON CONFLICT DO NOTHING RETURNING timestamp, hash, octet_length(message) AS bytes
  ), counted AS (
    INSERT INTO teahouse.totals SELECT ${partition(ns)}, $6, count(*), sum(bytes) FROM added GROUP BY 1 ORDER BY 1
    ON CONFLICT (partition, writer) DO UPDATE
      SET messages = totals.messages + excluded.messages, bytes = totals.bytes + excluded.bytes
  ) SELECT hash FROM added`

/** Removes what is due of the $1 oldest: those that $2 messages or $3 bytes are too many. */
const removeSql = (ns: bigint) => `WITH oldest AS (
    SELECT timestamp, hash, octet_length(message) AS bytes FROM teahouse.messages ORDER BY timestamp, hash LIMIT $1
  ), numbered AS (
    SELECT *, row_number() OVER (ORDER BY timestamp, hash) AS number,
      sum(bytes) OVER (ORDER BY timestamp, hash) - bytes AS bytes_before FROM oldest
  ), gone AS (
    DELETE FROM teahouse.messages AS m USING numbered AS n
    WHERE m.timestamp = n.timestamp AND m.hash = n.hash AND (n.number <= $2 OR n.bytes_before < $3)
    RETURNING m.timestamp, n.bytes
  ), counted AS (
    INSERT INTO teahouse.totals SELECT ${partition(ns)}, $4, -count(*), -sum(bytes) FROM gone GROUP BY 1 ORDER BY 1
    ON CONFLICT (partition, writer) DO UPDATE
      SET messages = totals.messages + excluded.messages, bytes = totals.bytes + excluded.bytes
  ) SELECT count(*)::int AS removed FROM gone`

/** Removes the messages with the hashes $1. */
const forgetSql = (ns: bigint) => `WITH gone AS (
    DELETE FROM teahouse.messages WHERE hash = ANY ($1::bytea[]) RETURNING timestamp, octet_length(message) AS bytes
  ), counted AS (
    INSERT INTO teahouse.totals SELECT ${partition(ns)}, $2, -count(*), -sum(bytes) FROM gone GROUP BY 1 ORDER BY 1
    ON CONFLICT (partition, writer) DO UPDATE
      SET messages = totals.messages + excluded.messages, bytes = totals.bytes + excluded.bytes
  ) SELECT count(*)::int AS removed FROM gone`

/** What changes the archive. Several processes may do so at a time. */
export function writing(pool: Pool, partitionNs: bigint, retryMs: number): Writing {
  const writer = Math.floor(Math.random() * WRITERS)
  const add = addSql(partitionNs)
  const remove = removeSql(partitionNs)
  const forget = forgetSql(partitionNs)

  async function tryInsert(rows: readonly MessageRow[]): Promise<Set<string>> {
    const values = [
      rows.map(({ hash }) => asBuffer(hash)),
      rows.map(({ timestamp }) => String(timestamp)),
      rows.map(({ pubsubTopic }) => Buffer.from(pubsubTopic)),
      rows.map(({ contentTopic }) => Buffer.from(contentTopic)),
      rows.map(({ bytes }) => asBuffer(bytes)),
      writer,
    ]
    const run = () => pool.query<{ hash: Buffer }>({ name: 'add', text: add, values })
    const { rows: added } = await run().catch(async (error: unknown) => {
      if (codeOf(error) !== NO_PARTITION) throw error
      await addPartitions(
        pool,
        rows.map(({ timestamp }) => timestamp),
        partitionNs,
      )
      return run()
    })
    return new Set(added.map(({ hash }) => hash.toString('latin1')))
  }

  async function totals(): Promise<Totals> {
    const { rows } = await pool.query<{ messages: string; bytes: string }>(
      'SELECT coalesce(sum(messages), 0) AS messages, coalesce(sum(bytes), 0) AS bytes FROM teahouse.totals',
    )
    return { messages: Number(rows[0]!.messages), bytes: Number(rows[0]!.bytes) }
  }

  return {
    async insert(rows) {
      // If a broken connection hid whether an earlier try was committed, its messages count as new: heard twice beats never.
      let uncertain = false
      const fresh = await retrying(
        retryMs,
        () => tryInsert(rows),
        (error) => (uncertain ||= mayBeDone(error)),
      )
      const seen = new Set<string>()
      return rows.map(({ hash }) => {
        const key = asBuffer(hash).toString('latin1')
        if (seen.has(key)) return false
        seen.add(key)
        return uncertain || fresh.has(key)
      })
    },
    async remove(hashes) {
      const run = () => pool.query<{ removed: number }>(forget, [hashes.map(asBuffer), writer])
      return (await retrying(retryMs, run)).rows[0]!.removed
    },
    totals: () => retrying(retryMs, totals),
    async prune({ before, messages = Infinity, bytes = Infinity }, limit) {
      const dropped = await dropOldest(pool, partitionNs, before)
      if (dropped !== undefined) return { removed: dropped, more: true }
      const found = await totals()
      const over = {
        messages: Math.max(0, found.messages - messages),
        bytes: Math.max(0, found.bytes - bytes),
      }
      if (over.messages === 0 && over.bytes === 0) return { removed: 0, more: false }
      const { rows } = await pool.query<{ removed: number }>(remove, [
        limit,
        over.messages,
        over.bytes,
        writer,
      ])
      const { removed } = rows[0]!
      return { removed, more: removed > 0 }
    },
  }
}
