import type { DatabaseSync } from 'node:sqlite'

/** The one counter of a membership, as its database has it. */
export interface Instance {
  /** Random; the identity file holds the same. */
  readonly instance: string
  /** Seal of the identity file; undefined if a crash came before it was noted. */
  readonly seal: string | undefined
  /** Token of the clean stop, undefined while a node runs or after it was killed. */
  readonly stopped: string | undefined
}

/** Instances of counters in the counters' database, on disk when a call returns. */
export interface InstanceStore {
  get(commitment: bigint): Instance | undefined
  set(commitment: bigint, instance: Instance): void
}

export function instanceStore(db: DatabaseSync): InstanceStore {
  const select = db.prepare('SELECT instance, seal, stopped FROM own_instances WHERE commitment = ?')
  const upsert = db.prepare(
    `INSERT INTO own_instances (commitment, instance, seal, stopped) VALUES (?, ?, ?, ?) ON CONFLICT (commitment)
    DO UPDATE SET instance = excluded.instance, seal = excluded.seal, stopped = excluded.stopped`,
  )
  return {
    get(commitment) {
      const row = select.get(commitment.toString(16)) as
        { instance: string; seal: string | null; stopped: string | null } | undefined
      return row && { instance: row.instance, seal: row.seal ?? undefined, stopped: row.stopped ?? undefined }
    },
    set: (commitment, { instance, seal, stopped }) =>
      void upsert.run(commitment.toString(16), instance, seal ?? null, stopped ?? null),
  }
}
