import type pg from 'pg'
import { bytesToHex, hexToBytes } from 'viem'
import { retrying } from '../store/postgres/failures.ts'
import { asBuffer, asBytes } from '../store/postgres/reading.ts'
import { type RootBook, type RootRecord, type Speaker, speakerKey } from './book.ts'

/** Parts that a step of pruning removes: 1 MiB of hashes. */
const PRUNED_AT_ONCE = 64

interface Row {
  readonly operator: string
  readonly count: string
  readonly root: Buffer
  readonly liability: string
  readonly hash_set: string
}

/**
 * The book in the database of the archive, for all processes that share both and the node key: the first one to record an hour speaks for all
 * of them. No process can know what others recorded before a restore of the database, so each signs only hours that begin after its start.
 */
export function postgresBook(pool: pg.Pool, of: Speaker, retryMs: number): RootBook {
  const speaker = speakerKey(of)
  const ask = async <R extends pg.QueryResultRow>(name: string, text: string, values: unknown[]) =>
    retrying(retryMs, () => pool.query<R>({ name: `root_${name}`, text, values }))

  async function find(shard: number, hour: bigint): Promise<RootRecord | undefined> {
    const sql = 'SELECT * FROM teahouse.roots WHERE speaker = $1 AND shard = $2 AND hour = $3'
    const [row] = (await ask<Row>('find', sql, [speaker, shard, hour])).rows
    if (!row) return undefined
    return {
      operator: Number(row.operator),
      cluster: of.cluster,
      shard,
      hour,
      count: Number(row.count),
      root: bytesToHex(asBytes(row.root)),
      liability: BigInt(row.liability),
      set: row.hash_set,
    }
  }

  /** How many went, the first part last: it is what a set is found by. */
  async function removeSome(set: string, limit: number): Promise<number> {
    const sql = `DELETE FROM teahouse.root_parts WHERE hash_set = $1 AND number IN (
      SELECT number FROM teahouse.root_parts WHERE hash_set = $1 ORDER BY number DESC LIMIT $2)`
    return (await ask('remove', sql, [set, limit])).rowCount ?? 0
  }

  return {
    open: async (firstHour) => firstHour,
    find,
    async addParts(set, from, parts) {
      const sql = `INSERT INTO teahouse.root_parts (hash_set, number, node, hashes)
        SELECT $1, * FROM unnest($2::int[], $3::bytea[], $4::bytea[]) ON CONFLICT DO NOTHING`
      const columns = [
        parts.map((_part, at) => from + at),
        parts.map(({ node }) => asBuffer(node)),
        parts.map(({ hashes }) => asBuffer(hashes)),
      ]
      await ask('add', sql, [set, ...columns])
    },
    async record({ shard, hour, operator, count, root, liability, set }) {
      const sql = 'INSERT INTO teahouse.roots VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING'
      const bytes = asBuffer(hexToBytes(root))
      await ask('record', sql, [speaker, shard, hour, operator, count, bytes, liability.toString(), set])
      return (await find(shard, hour))!
    },
    async entries(set) {
      const sql = `SELECT substr(hashes, 1, 32) AS first, node FROM teahouse.root_parts WHERE hash_set = $1 ORDER BY number`
      const { rows } = await ask<{ first: Buffer; node: Buffer }>('entries', sql, [set])
      return rows.map(({ first, node }) => ({ first: asBytes(first), node: asBytes(node) }))
    },
    async part(set, number) {
      const sql = 'SELECT hashes FROM teahouse.root_parts WHERE hash_set = $1 AND number = $2'
      const [row] = (await ask<{ hashes: Buffer }>('part', sql, [set, number])).rows
      return row && asBytes(row.hashes)
    },
    async dropSet(set) {
      while ((await removeSome(set, PRUNED_AT_ONCE)) > 0);
    },
    async prune(hour) {
      const past =
        "SELECT hash_set FROM teahouse.roots WHERE hash_set <> '' AND hour < $1 ORDER BY hour LIMIT 1"
      // What no record names after a day was left by a crash.
      const lost = `SELECT hash_set FROM teahouse.root_parts AS part WHERE number = 0 AND added < now() - interval '1 day'
        AND NOT EXISTS (SELECT FROM teahouse.roots WHERE roots.hash_set = part.hash_set) LIMIT 1`
      const [due] = (await ask<{ hash_set: string }>('past', past, [hour])).rows
      const [orphan] = due ? [] : (await ask<{ hash_set: string }>('lost', lost, [])).rows
      const set = (due ?? orphan)?.hash_set
      if (set === undefined) return false
      if ((await removeSome(set, PRUNED_AT_ONCE)) > 0) return true
      await ask('forget', "UPDATE teahouse.roots SET hash_set = '' WHERE hash_set = $1", [set])
      return true
    },
    close: () => pool.end(),
  }
}
