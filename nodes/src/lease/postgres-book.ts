import type pg from 'pg'
import type { Address } from 'viem'
import { retrying } from '../store/postgres/failures.ts'
import { asBuffer, asBytes } from '../store/postgres/reading.ts'
import type { LeaseBook, LeaseList } from './book.ts'

interface Row {
  readonly first: number
  readonly mark: number
  readonly nonce: Buffer
  readonly signature: Buffer
}

/**
 * The book in the database of the archive, for all processes that share it and the node key: to a client they are one node, and
 * must remember as one.
 */
export function postgresBook(pool: pg.Pool, node: Address, retryMs: number): LeaseBook {
  const speaker = node.toLowerCase()
  const ask = async <R extends pg.QueryResultRow>(name: string, text: string, values: unknown[]) =>
    retrying(retryMs, () => pool.query<R>({ name: `lease_${name}`, text, values }))

  async function find({ key, epoch }: LeaseList) {
    const sql = `SELECT first, mark, nonce, signature FROM teahouse.leases
      WHERE node = $1 AND epoch = $2 AND lease_key = $3`
    const [row] = (await ask<Row>('find', sql, [speaker, epoch, asBuffer(key)])).rows
    if (!row) return undefined
    const [nonce, signature] = [asBytes(row.nonce), asBytes(row.signature)]
    return { key, epoch, first: row.first, end: row.mark, nonce, signature }
  }

  return {
    find,
    async enter(claim) {
      const { key, epoch, first, end, nonce, signature } = claim
      const sql = `INSERT INTO teahouse.leases AS old SELECT $1, $2::bigint, $3::bytea, $4::int, $5::int, $6::bytea, $7::bytea
        WHERE NOT EXISTS (SELECT FROM teahouse.leases_kept_from AS kept WHERE kept.node = $1 AND kept.epoch > $2::bigint)
        ON CONFLICT (node, epoch, lease_key) DO UPDATE
          SET first = excluded.first, mark = excluded.mark, nonce = excluded.nonce, signature = excluded.signature
          WHERE old.mark <= excluded.first`
      const bytes = [asBuffer(nonce), asBuffer(signature)]
      await ask('enter', sql, [speaker, epoch, asBuffer(key), first, end, ...bytes])
      return find(claim)
    },
    async count(epoch) {
      const sql = 'SELECT count(*)::int AS n FROM teahouse.leases WHERE node = $1 AND epoch = $2'
      const [row] = (await ask<{ n: number }>('count', sql, [speaker, epoch])).rows
      return row!.n
    },
    async prune(epoch) {
      const keep = `INSERT INTO teahouse.leases_kept_from AS old VALUES ($1, $2)
        ON CONFLICT (node) DO UPDATE SET epoch = excluded.epoch WHERE old.epoch < excluded.epoch`
      await ask('keep', keep, [speaker, epoch])
      await ask('prune', 'DELETE FROM teahouse.leases WHERE node = $1 AND epoch < $2', [speaker, epoch])
    },
    close: () => pool.end(),
  }
}
