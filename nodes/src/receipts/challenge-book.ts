import type { DatabaseSync } from 'node:sqlite'
import type { Hex } from 'viem'
import { inTransaction } from '../storage/index.ts'
import type { BlockMark, Challenged } from './court-chain.ts'

/** Tables of the book, one migration an element. */
export const CHALLENGE_MIGRATIONS = [
  `CREATE TABLE followed (court TEXT PRIMARY KEY, operators TEXT NOT NULL, block INTEGER NOT NULL, hash TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE challenges (
    court TEXT NOT NULL,
    id TEXT NOT NULL,
    number INTEGER NOT NULL,
    operator INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    tx TEXT NOT NULL,
    block INTEGER NOT NULL,
    closed TEXT,
    PRIMARY KEY (court, id, number)
  ) WITHOUT ROWID;
  CREATE INDEX open_challenges ON challenges (court, deadline) WHERE closed IS NULL;`,
]

/**
 * How a challenge ended: answered, by this node or another; convicted, for want of an answer or for another fault; never drawn; or undone by
 * a reorganisation.
 */
export type Ending = 'answered' | 'convicted' | 'lapsed' | 'undone'

/** Challenges that were seen, until it is final how they ended, on disk. Throws what SQLite throws. */
export interface ChallengeBook {
  /** Up to which block the events of these operators were read. */
  readTo(): BlockMark | undefined
  /** Notes what was read up to a block, in one step. A challenge that was closed stays so, unless it was undone and has come again. */
  note(found: readonly Challenged[], upTo: BlockMark): void
  /** Those whose end is not final, the next deadline to draw first. */
  open(): Challenged[]
  close(challenge: Pick<Challenged, 'id' | 'number'>, ending: Ending): void
  counts(): Readonly<Record<'open' | Ending, number>>
}

interface Row {
  readonly id: Hex
  readonly number: number
  readonly operator: number
  readonly deadline: number
  readonly tx: Hex
  readonly block: number
}

/** The book of one court, and of the operators whose nodes are answered for; other operators make it read anew. */
export function challengeBook(
  db: DatabaseSync,
  { court, operators }: { readonly court: string; readonly operators: readonly number[] },
): ChallengeBook {
  const of = court.toLowerCase()
  const whose = [...operators].sort((a, b) => a - b).join(' ')
  const mark = db.prepare('SELECT block, hash FROM followed WHERE court = ? AND operators = ?')
  const setMark = db.prepare('INSERT OR REPLACE INTO followed VALUES (?, ?, ?, ?)')
  const upsert = db.prepare(
    `INSERT INTO challenges VALUES (?, ?, ?, ?, ?, ?, ?, NULL)
    ON CONFLICT (court, id, number) DO UPDATE
      SET deadline = excluded.deadline, tx = excluded.tx, block = excluded.block, closed = NULL
      WHERE closed IS NULL OR closed = 'undone'`,
  )
  const opened = db.prepare('SELECT * FROM challenges WHERE court = ? AND closed IS NULL ORDER BY deadline')
  const end = db.prepare('UPDATE challenges SET closed = ? WHERE court = ? AND id = ? AND number = ?')
  const totals = db.prepare(
    "SELECT coalesce(closed, 'open') AS state, count(*) AS n FROM challenges WHERE court = ? GROUP BY closed",
  )

  return {
    readTo() {
      const row = mark.get(of, whose) as { block: number; hash: Hex } | undefined
      return row && { number: BigInt(row.block), hash: row.hash }
    },
    note(found, upTo) {
      inTransaction(db, () => {
        for (const { id, number, operator, deadline, tx, block } of found)
          upsert.run(of, id, number, operator, deadline, tx, block)
        setMark.run(of, whose, upTo.number, upTo.hash)
      })
    },
    open: () =>
      (opened.all(of) as unknown as Row[]).map(({ id, number, operator, deadline, tx, block }) => ({
        ...{ id, number, operator, deadline, tx, block: BigInt(block) },
      })),
    close: ({ id, number }, ending) => void end.run(ending, of, id, number),
    counts() {
      const counted = { open: 0, answered: 0, convicted: 0, lapsed: 0, undone: 0 }
      for (const row of totals.all(of)) {
        const { state, n } = row as { state: keyof typeof counted; n: number }
        counted[state] = n
      }
      return counted
    },
  }
}
