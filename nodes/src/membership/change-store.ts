import type { DatabaseSync } from 'node:sqlite'
import type { Hex } from 'viem'
import type { HomeChange, HomeEntry, MembershipChange } from '@teahouse/protocol/rln'
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
  `CREATE TABLE home (operator_id INTEGER NOT NULL);
  CREATE INDEX home_changes ON changes (json_extract(change, '$.home'), block_number)
    WHERE json_extract(change, '$.home') > 0;
  CREATE INDEX home_left ON changes (json_extract(change, '$.previous'), block_number)
    WHERE json_extract(change, '$.previous') > 0;`,
]

/** A membership change and where the chain holds it. */
export interface ChangeAt {
  readonly change: MembershipChange | HomeChange
  readonly blockNumber: bigint
  readonly blockHash: Hex
  readonly logIndex: number
}

/** A followed block with the changes in it. */
export interface BlockWithChanges {
  readonly block: BlockRef
  readonly changes: readonly (MembershipChange | HomeChange)[]
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
  /**
   * Forgets everything and starts after this block, whose state a snapshot holds; but not who came to the home that is followed,
   * and who left it: `home` tells it, in the chain's order.
   */
  startFrom(block: BlockRef, home?: readonly HomeEntry[]): void
  /**
   * Whose members are followed from now on, 0 for nobody. Of another home nobody wrote down who left it for which: then everything is
   * forgotten, to be read again.
   */
  followHome(operatorId: number): void
  /** Who came to a home, and who left it, up to this block, in the chain's order. */
  homeEntries(operatorId: number, until: bigint): Generator<HomeEntry>
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

  const selectHome = db.prepare(
    `SELECT change FROM changes WHERE block_number <= ?1 AND (
      (json_extract(change, '$.home') > 0 AND json_extract(change, '$.home') = ?2)
      OR (json_extract(change, '$.previous') > 0 AND json_extract(change, '$.previous') = ?2)
    ) ORDER BY block_number, log_index`,
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
    followHome: (operatorId) =>
      inTransaction(db, () => {
        const row = db.prepare('SELECT operator_id FROM home').get() as { operator_id: number } | undefined
        if (row?.operator_id === operatorId) return
        if (operatorId !== 0) db.exec('DELETE FROM blocks; DELETE FROM base')
        db.exec('DELETE FROM home')
        db.prepare('INSERT INTO home (operator_id) VALUES (?)').run(operatorId)
      }),
    startFrom: ({ number, hash, parentHash, timestamp }, home = []) =>
      inTransaction(db, () => {
        db.exec('DELETE FROM blocks; DELETE FROM base')
        insertBlock.run(Number(number), hash, parentHash, timestamp)
        db.prepare('INSERT INTO base (block_number) VALUES (?)').run(Number(number))
        home.forEach((entry, at) => insertChange.run(Number(number), at, JSON.stringify(entry, writeBigInt)))
      }),
    *homeEntries(operatorId, until) {
      for (const row of selectHome.iterate(Number(until), operatorId)) {
        yield JSON.parse((row as { change: string }).change, readBigInt) as HomeEntry
      }
    },
    *after(number) {
      for (const row of selectBlocks.iterate(Number(number))) {
        const block = toBlock(row)!
        const rows = selectChanges.all(Number(block.number)) as { change: string }[]
        yield {
          block,
          changes: rows.map(({ change }) => JSON.parse(change, readBigInt) as MembershipChange | HomeChange),
        }
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
