import type { DatabaseSync } from 'node:sqlite'

/** Tables of the node's own message ids, one migration an element. */
export const COUNTER_MIGRATIONS = [
  `CREATE TABLE own_memberships (commitment TEXT PRIMARY KEY, first_epoch INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE own_messages (
    commitment TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    next_id INTEGER NOT NULL,
    PRIMARY KEY (commitment, epoch)
  ) WITHOUT ROWID;`,
  `CREATE TABLE own_instances (
    commitment TEXT PRIMARY KEY,
    instance TEXT NOT NULL,
    seal TEXT,
    stopped TEXT
  ) WITHOUT ROWID;`,
]

/** Epochs kept; a clock that falls back further than this gets no ids. */
const KEPT_EPOCHS = 16

/** Hands out the message ids of one membership, each at most once, over restarts too. */
export interface MessageCounter {
  /** The next id in `epoch`, written to disk before it returns; undefined when the limit is used up or the epoch may not be used. */
  take(epoch: bigint, limit: number): number | undefined
  used(epoch: bigint): number
  /** The first epoch in which this counter may hand out ids. */
  readonly firstEpoch: bigint
  /** From now on, no ids. */
  close(): void
}

export interface MessageCounterInit {
  readonly commitment: bigint
  readonly epochNow: bigint
  /** True only when `db` surely has every id that was used in this epoch: then ids start in it, else in the next one. */
  readonly complete: boolean
}

/**
 * Opens the counter of a membership. A counter that may be an older copy (or a new one) cannot know which ids were used in this epoch,
 * so it waits for the next one, in which none can have been used.
 */
export function messageCounter(
  db: DatabaseSync,
  { commitment, epochNow, complete }: MessageCounterInit,
): MessageCounter {
  const key = commitment.toString(16)
  const first = epochNow + (complete ? 0n : 1n)
  db.prepare(
    `INSERT INTO own_memberships (commitment, first_epoch) VALUES (?, ?)
    ON CONFLICT (commitment) DO UPDATE SET first_epoch = max(first_epoch, excluded.first_epoch)`,
  ).run(key, Number(first))
  const row = db.prepare('SELECT first_epoch AS first FROM own_memberships WHERE commitment = ?').get(key)
  const firstEpoch = BigInt((row as { first: number }).first)
  const read = db.prepare('SELECT next_id AS next FROM own_messages WHERE commitment = ? AND epoch = ?')
  const newest = db.prepare('SELECT max(epoch) AS epoch FROM own_messages WHERE commitment = ?')
  const write = db.prepare(
    `INSERT INTO own_messages (commitment, epoch, next_id) VALUES (?, ?, ?)
    ON CONFLICT (commitment, epoch) DO UPDATE SET next_id = excluded.next_id`,
  )
  const prune = db.prepare('DELETE FROM own_messages WHERE commitment = ? AND epoch < ?')
  const used = (epoch: bigint) => (read.get(key, Number(epoch)) as { next: number } | undefined)?.next ?? 0

  let closed = false

  return {
    firstEpoch,
    close: () => void (closed = true),
    used,
    take(epoch, limit) {
      const last = BigInt((newest.get(key) as { epoch: number | null }).epoch ?? 0)
      if (closed || epoch < firstEpoch || epoch < last - BigInt(KEPT_EPOCHS)) return undefined
      const id = used(epoch)
      if (id >= limit) return undefined
      write.run(key, Number(epoch), id + 1)
      if (id === 0) prune.run(key, Number(epoch) - KEPT_EPOCHS)
      return id
    },
  }
}
