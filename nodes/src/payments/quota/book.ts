import type { DatabaseSync } from 'node:sqlite'
import { inTransaction } from '../../storage/index.ts'

/** Tables of the voucher database. Nullifiers are decimal text. */
export const QUOTA_MIGRATION = `CREATE TABLE quotas (
    nullifier TEXT PRIMARY KEY,
    day INTEGER NOT NULL,
    digest BLOB NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE quota_use (
    nullifier TEXT NOT NULL REFERENCES quotas (nullifier) ON DELETE CASCADE,
    service TEXT NOT NULL,
    units INTEGER NOT NULL,
    PRIMARY KEY (nullifier, service)
  ) WITHOUT ROWID;`

/** A quota that a proof bought. */
export interface Quota {
  readonly nullifier: bigint
  /** Days since 1970. */
  readonly day: number
}

/** Units by nullifier, then by service. */
export type QuotaUse = ReadonlyMap<bigint, ReadonlyMap<string, number>>

/** The quotas of members and what was had of them; on disk before it counts. */
export interface QuotaBook {
  /** SHA-256 of the proof that was entered last for a nullifier; undefined if it bought nothing yet. */
  digest(nullifier: bigint): Uint8Array | undefined
  /** Enters a verified proof. What the nullifier has used stays used. */
  enter(quota: Quota, digest: Uint8Array): void
  used(nullifier: bigint, service: string): number
  /** Adds to what was used, all in one commit. */
  useAll(use: QuotaUse): void
  /** Forgets the days before this one. */
  prune(before: number): void
  /** Quotas of a day. */
  count(day: number): number
}

export function quotaBook(db: DatabaseSync): QuotaBook {
  db.exec('PRAGMA foreign_keys = ON')
  const selectDigest = db.prepare('SELECT digest FROM quotas WHERE nullifier = ?')
  const upsert = db.prepare(
    `INSERT INTO quotas (nullifier, day, digest) VALUES (?, ?, ?)
    ON CONFLICT (nullifier) DO UPDATE SET digest = excluded.digest`,
  )
  const selectUse = db.prepare('SELECT units FROM quota_use WHERE nullifier = ? AND service = ?')
  const addUse = db.prepare(
    `INSERT INTO quota_use (nullifier, service, units) VALUES (?, ?, ?)
    ON CONFLICT (nullifier, service) DO UPDATE SET units = units + excluded.units`,
  )
  const remove = db.prepare('DELETE FROM quotas WHERE day < ?')
  const count = db.prepare('SELECT count(*) AS count FROM quotas WHERE day = ?')

  return {
    digest: (nullifier) =>
      (selectDigest.get(String(nullifier)) as { digest: Uint8Array } | undefined)?.digest,
    enter: ({ nullifier, day }, digest) => void upsert.run(String(nullifier), day, digest),
    used: (nullifier, service) =>
      (selectUse.get(String(nullifier), service) as { units: number } | undefined)?.units ?? 0,
    useAll: (use) =>
      inTransaction(db, () => {
        for (const [nullifier, services] of use) {
          for (const [service, units] of services) addUse.run(String(nullifier), service, units)
        }
      }),
    prune: (before) => void remove.run(before),
    count: (day) => (count.get(day) as { count: number }).count,
  }
}
