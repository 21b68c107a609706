import type { DatabaseSync } from 'node:sqlite'

/** Tables of the nullifier log, one migration an element. */
export const NULLIFIER_MIGRATIONS = [
  `CREATE TABLE nullifiers (
    nullifier BLOB PRIMARY KEY,
    epoch INTEGER NOT NULL,
    x BLOB NOT NULL,
    y BLOB NOT NULL,
    hash BLOB NOT NULL,
    ephemeral INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX nullifiers_by_epoch ON nullifiers (epoch);`,
]

/** One verified share. `hash` is the Waku message hash of the copy that was accepted. */
export interface NullifierEntry {
  readonly nullifier: bigint
  readonly epoch: bigint
  readonly x: bigint
  readonly y: bigint
  readonly hash: Uint8Array
  readonly ephemeral: boolean
}

/** Remembers which slot of which epoch was used with which share. On disk, so that a restart forgives nobody. */
export interface NullifierLog {
  get(nullifier: bigint): NullifierEntry | undefined
  /**
   * Enters a share that was verified, unless its nullifier is already there; then the older entry is returned.
   * On return it is on disk. Checking and entering are one step: no other validation comes between.
   */
  enter(entry: NullifierEntry): NullifierEntry | undefined
  /** Notes that the lasting copy of an ephemeral entry was accepted. */
  markLasting(nullifier: bigint): void
  /** Forgets epochs before `epoch`; returns how many entries went. */
  prune(epoch: bigint): number
  count(): number
}

/**
 * The oldest epoch to remember: one more than a node whose clock is late could still accept, by our clock or by that of the chain, whichever is
 * behind. A clock that jumps ahead for an hour would otherwise forget what was sent in the epoch that it comes back to.
 */
export function oldestKept(time: {
  readonly epochNow: bigint
  readonly epochOfBlock: bigint
  readonly epochSlack: number
}): bigint {
  const { epochNow, epochOfBlock, epochSlack } = time
  return (epochNow < epochOfBlock ? epochNow : epochOfBlock) - BigInt(epochSlack + 2)
}

interface Row {
  epoch: number
  x: Uint8Array
  y: Uint8Array
  hash: Uint8Array
  ephemeral: number
}

export function nullifierLog(db: DatabaseSync): NullifierLog {
  const select = db.prepare('SELECT epoch, x, y, hash, ephemeral FROM nullifiers WHERE nullifier = ?')
  const insert = db.prepare(
    'INSERT INTO nullifiers (nullifier, epoch, x, y, hash, ephemeral) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const lasting = db.prepare('UPDATE nullifiers SET ephemeral = 0 WHERE nullifier = ?')
  const remove = db.prepare('DELETE FROM nullifiers WHERE epoch < ?')
  const total = db.prepare('SELECT count(*) AS n FROM nullifiers')

  function get(nullifier: bigint): NullifierEntry | undefined {
    const row = select.get(toBytes(nullifier)) as unknown as Row | undefined
    if (!row) return undefined
    const { epoch, x, y, hash, ephemeral } = row
    return {
      nullifier,
      epoch: BigInt(epoch),
      x: toBigInt(x),
      y: toBigInt(y),
      hash,
      ephemeral: ephemeral === 1,
    }
  }

  return {
    get,
    enter(entry) {
      const known = get(entry.nullifier)
      if (known) return known
      const { nullifier, epoch, x, y, hash, ephemeral } = entry
      insert.run(toBytes(nullifier), Number(epoch), toBytes(x), toBytes(y), hash, ephemeral ? 1 : 0)
      return undefined
    },
    markLasting: (nullifier) => void lasting.run(toBytes(nullifier)),
    prune: (epoch) => Number(remove.run(Number(epoch)).changes),
    count: () => (total.get() as { n: number }).n,
  }
}

/** A field element as 32 big-endian bytes, the order in which SQLite compares. */
function toBytes(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}
