import type { DatabaseSync } from 'node:sqlite'
import type { Hex } from 'viem'
import type { MembershipChange } from '@teahouse/protocol/rln'
import type { BlockRef } from '../chain/head.ts'
import { inTransaction } from '../storage/index.ts'
import { ROOT_HISTORY_MIGRATION } from './root-history.ts'

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
  'CREATE TABLE base (block_number INTEGER NOT NULL);',
  ROOT_HISTORY_MIGRATION,
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
  /** Everything above a block in the chain's order. */
  after(number: bigint): Generator<BlockWithChanges>
  /** A stored block. */
  block(number: bigint): BlockRef | undefined
  /** The block of the snapshot before which nothing is stored; undefined if the changes are here from the first on. */
  readonly base: bigint | undefined
  /** Forgets everything and starts after this block, whose state a snapshot holds. */
  startFrom(block: BlockRef): void
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
  const selectBlock = db.prepare('SELECT * FROM blocks WHERE number = ?')
  const selectBlocks = db.prepare('SELECT * FROM blocks WHERE number > ? ORDER BY number')
  const selectBase = db.prepare('SELECT block_number FROM base')
  const selectChanges = db.prepare('SELECT change FROM changes WHERE block_number = ? ORDER BY log_index')
  const truncate = db.prepare('DELETE FROM blocks WHERE number > ?')
  const prune = db.prepare(
    'DELETE FROM blocks WHERE number < ? AND number NOT IN (SELECT block_number FROM changes WHERE block_number < ?)',
  )

  function baseNumber(): bigint | undefined {
    const row = selectBase.get() as { block_number: number } | undefined
    return row && BigInt(row.block_number)
  }

  return {
    last: () => toBlock(selectLast.get()),
    before: (number) => toBlock(selectBefore.get(Number(number))),
    append: (blocks) =>
      inTransaction(db, () => {
        for (const { block, changes } of blocks) {
          insertBlock.run(Number(block.number), block.hash, block.parentHash, block.timestamp)
          for (const { logIndex, change } of changes) {
            insertChange.run(Number(block.number), logIndex, JSON.stringify(change, writeBigInt))
          }
        }
      }),
    truncateAbove: (number) =>
      inTransaction(db, () => {
        truncate.run(Number(number))
        const base = baseNumber()
        if (base !== undefined && number < base) db.exec('DELETE FROM blocks; DELETE FROM base')
      }),
    pruneEmptyBelow: (number) => void prune.run(Number(number), Number(number)),
    block: (number) => toBlock(selectBlock.get(Number(number))),
    get base() {
      return baseNumber()
    },
    startFrom: ({ number, hash, parentHash, timestamp }) =>
      inTransaction(db, () => {
        db.exec('DELETE FROM blocks; DELETE FROM base')
        insertBlock.run(Number(number), hash, parentHash, timestamp)
        db.prepare('INSERT INTO base (block_number) VALUES (?)').run(Number(number))
      }),
    *after(number) {
      for (const row of selectBlocks.iterate(Number(number))) {
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
