import type { DatabaseSync } from 'node:sqlite'
import type { Hex } from 'viem'
import type { MembershipChange } from '@teahouse/protocol/rln'
import type { BlockRef } from '../chain/head.ts'

/** Tables of the membership follower, one migration an element. */
export const MEMBERSHIP_MIGRATIONS = [
  `CREATE TABLE blocks (
    number INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    parent_hash TEXT NOT NULL,
    timestamp INTEGER NOT NULL
  );
  CREATE TABLE changes (
    block_number INTEGER NOT NULL REFERENCES blocks (number) ON DELETE CASCADE,
    log_index INTEGER NOT NULL,
    change TEXT NOT NULL,
    PRIMARY KEY (block_number, log_index)
  ) WITHOUT ROWID;`,
]

/** A membership change and where the chain holds it. */
export interface ChangeAt {
  readonly change: MembershipChange
  readonly blockNumber: bigint
  readonly blockHash: Hex
  readonly logIndex: number
}

/** A followed block with the changes in it. */
export interface BlockWithChanges {
  readonly block: BlockRef
  readonly changes: readonly MembershipChange[]
}

/** What the follower has read, on disk. */
export interface ChangeStore {
  last(): BlockRef | undefined
  /** The newest stored block below `number`. */
  before(number: bigint): BlockRef | undefined
  /** All or nothing. */
  append(blocks: readonly { block: BlockRef; changes: readonly ChangeAt[] }[]): void
  /** Forgets every block above `number` with its changes. */
  truncateAbove(number: bigint): void
  /** Forgets blocks without changes below `number`. */
  pruneEmptyBelow(number: bigint): void
  /** Everything in the chain's order. */
  all(): Generator<BlockWithChanges>
}

interface BlockRow {
  number: number
  hash: Hex
  parent_hash: Hex
  timestamp: number
}

export function changeStore(db: DatabaseSync): ChangeStore {
  db.exec('PRAGMA foreign_keys = ON')
  const insertBlock = db.prepare(
    'INSERT INTO blocks (number, hash, parent_hash, timestamp) VALUES (?, ?, ?, ?)',
  )
  const insertChange = db.prepare('INSERT INTO changes (block_number, log_index, change) VALUES (?, ?, ?)')
  const selectLast = db.prepare('SELECT * FROM blocks ORDER BY number DESC LIMIT 1')
  const selectBefore = db.prepare('SELECT * FROM blocks WHERE number < ? ORDER BY number DESC LIMIT 1')
  const selectBlocks = db.prepare('SELECT * FROM blocks ORDER BY number')
  const selectChanges = db.prepare('SELECT change FROM changes WHERE block_number = ? ORDER BY log_index')
  const truncate = db.prepare('DELETE FROM blocks WHERE number > ?')
  const prune = db.prepare(
    'DELETE FROM blocks WHERE number < ? AND number NOT IN (SELECT block_number FROM changes WHERE block_number < ?)',
  )

  return {
    last: () => toBlock(selectLast.get()),
    before: (number) => toBlock(selectBefore.get(Number(number))),
    append(blocks) {
      db.exec('BEGIN IMMEDIATE')
      try {
        for (const { block, changes } of blocks) {
          insertBlock.run(Number(block.number), block.hash, block.parentHash, block.timestamp)
          for (const { logIndex, change } of changes) {
            insertChange.run(Number(block.number), logIndex, JSON.stringify(change, writeBigInt))
          }
        }
        db.exec('COMMIT')
      } catch (err) {
        db.exec('ROLLBACK')
        throw err
      }
    },
    truncateAbove: (number) => void truncate.run(Number(number)),
    pruneEmptyBelow: (number) => void prune.run(Number(number), Number(number)),
    *all() {
      for (const row of selectBlocks.iterate()) {
        const block = toBlock(row)!
        const rows = selectChanges.all(Number(block.number)) as { change: string }[]
        yield { block, changes: rows.map(({ change }) => JSON.parse(change, readBigInt) as MembershipChange) }
      }
    },
  }
}

function toBlock(row: unknown): BlockRef | undefined {
  if (!row) return undefined
  const { number, hash, parent_hash: parentHash, timestamp } = row as BlockRow
  return { number: BigInt(number), hash, parentHash, timestamp }
}

const BIG_FIELDS = new Set(['idCommitment', 'secret'])
const writeBigInt = (_key: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)
const readBigInt = (key: string, value: unknown) => (BIG_FIELDS.has(key) ? BigInt(value as string) : value)
