import type { DatabaseSync } from 'node:sqlite'
import { numberToHex } from 'viem'
import { inTransaction } from '../storage/index.ts'

/** The table of the root history; it is in the follower's database, and follows its reorganisations. */
export const ROOT_HISTORY_MIGRATION = `CREATE TABLE root_history (
    root TEXT NOT NULL,
    from_block INTEGER NOT NULL,
    from_time INTEGER NOT NULL,
    to_block INTEGER,
    to_time INTEGER,
    PRIMARY KEY (root, from_block)
  ) WITHOUT ROWID;
  CREATE INDEX root_history_by_end ON root_history (to_time);
  CREATE INDEX root_history_by_start ON root_history (from_block);`

/** A block's number and time (unix seconds). */
interface BlockTime {
  readonly number: bigint
  readonly timestamp: number
}

/** Seconds by which clocks, and blocks, may be late. */
const SLACK_SECONDS = 120

/** Since when and until when roots were the newest of their tree, by the time of blocks; on disk. */
export interface RootHistory {
  /** Seconds before the head from which on blocks are noted. */
  readonly keepSeconds: number
  /** Notes the newest roots of all trees after a block; blocks come in order. Since when the first ones were valid is not known. */
  note(block: BlockTime, roots: readonly bigint[]): void
  /** Whether a message of this time (unix seconds) could carry this root; undefined if the root is not known. */
  wasValid(root: bigint, seconds: number): boolean | undefined
  /** Forgets what came with blocks above `number`. */
  dropAbove(number: bigint): void
}

export interface RootHistoryConfig {
  readonly keepSeconds: number
  /** How long a replaced root stays valid. */
  readonly windowSeconds: number
}

export function rootHistory(
  db: DatabaseSync,
  { keepSeconds, windowSeconds }: RootHistoryConfig,
): RootHistory {
  const selectOpen = db.prepare('SELECT root, from_block FROM root_history WHERE to_block IS NULL')
  const insert = db.prepare(
    'INSERT OR REPLACE INTO root_history (root, from_block, from_time) VALUES (?, ?, ?)',
  )
  const close = db.prepare(
    'UPDATE root_history SET to_block = ?, to_time = ? WHERE root = ? AND from_block = ?',
  )
  const select = db.prepare('SELECT from_time, to_time FROM root_history WHERE root = ?')
  const drop = db.prepare('DELETE FROM root_history WHERE from_block > ?')
  const reopen = db.prepare('UPDATE root_history SET to_block = NULL, to_time = NULL WHERE to_block > ?')
  const prune = db.prepare('DELETE FROM root_history WHERE to_time < ?')
  const selectAny = db.prepare('SELECT 1 FROM root_history LIMIT 1')

  return {
    keepSeconds,
    note({ number, timestamp }, roots) {
      const newest = new Set(roots.map(text))
      const open = selectOpen.all() as { root: string; from_block: number }[]
      const gone = open.filter(({ root }) => !newest.delete(root))
      if (gone.length + newest.size === 0) return
      const from = selectAny.get() ? timestamp : 0
      inTransaction(db, () => {
        for (const { root, from_block: since } of gone) close.run(Number(number), timestamp, root, since)
        for (const root of newest) insert.run(root, Number(number), from)
        prune.run(timestamp - windowSeconds - keepSeconds)
      })
    },
    wasValid(root, seconds) {
      const known = select.all(text(root)) as { from_time: number; to_time: number | null }[]
      if (known.length === 0) return undefined
      return known.some(
        ({ from_time: from, to_time: to }) =>
          from - SLACK_SECONDS <= seconds && (to === null || seconds <= to + windowSeconds + SLACK_SECONDS),
      )
    },
    dropAbove: (number) =>
      inTransaction(db, () => {
        drop.run(Number(number))
        reopen.run(Number(number))
      }),
  }
}

const text = (root: bigint): string => numberToHex(root, { size: 32 })
