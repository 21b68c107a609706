import type { DatabaseSync } from 'node:sqlite'
import type { Address, Hex } from 'viem'

/** Tables of the slasher, one migration an element. */
export const SLASHING_MIGRATIONS = [
  `CREATE TABLE secrets (secret TEXT PRIMARY KEY, found_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE cases (
    secret TEXT NOT NULL REFERENCES secrets (secret),
    holder TEXT NOT NULL,
    commitment TEXT NOT NULL,
    state TEXT NOT NULL,
    salt TEXT,
    committed_in INTEGER,
    transaction_hash TEXT,
    PRIMARY KEY (secret, holder)
  ) WITHOUT ROWID;`,
  'ALTER TABLE cases ADD COLUMN final INTEGER NOT NULL DEFAULT 0',
]

/**
 * `found` → `committed` → `slashed` (by this node) or `closed` (somebody was faster, or nothing is left to take); back when a
 * reorganisation undid that.
 */
export type CaseState = 'found' | 'committed' | 'slashed' | 'closed'

/** One membership to slash. `commitment` is the member's id commitment. */
export interface SlashCase {
  readonly secret: bigint
  readonly holder: Address
  readonly commitment: bigint
  readonly state: CaseState
  /** Known from before the commitment is sent, so that a restart can reveal it. */
  readonly salt: Hex | undefined
  /** The block of the commitment. */
  readonly committedIn: bigint | undefined
  readonly transactionHash: Hex | undefined
}

/** Secrets found and what became of them, on disk. */
export interface CaseStore {
  /** False when the secret was known. */
  addSecret(secret: bigint, foundAtSeconds: number): boolean
  /** With the unix second in which each was found. */
  secrets(): { readonly secret: bigint; readonly foundAt: number }[]
  addCase(found: Pick<SlashCase, 'secret' | 'holder' | 'commitment'>): void
  update(slashCase: SlashCase): void
  /** Marks a case as final: nothing can undo it. */
  finish(slashCase: Pick<SlashCase, 'secret' | 'holder'>): void
  /** Cases that are not final. */
  open(): SlashCase[]
  all(): SlashCase[]
  casesOf(secret: bigint): SlashCase[]
}

interface Row {
  secret: string
  holder: Address
  commitment: string
  state: CaseState
  salt: Hex | null
  committed_in: number | null
  transaction_hash: Hex | null
}

export function caseStore(db: DatabaseSync): CaseStore {
  const insertSecret = db.prepare('INSERT OR IGNORE INTO secrets (secret, found_at) VALUES (?, ?)')
  const selectSecrets = db.prepare('SELECT secret, found_at AS foundAt FROM secrets')
  const insertCase = db.prepare(
    "INSERT OR IGNORE INTO cases (secret, holder, commitment, state) VALUES (?, ?, ?, 'found')",
  )
  const updateCase = db.prepare(
    'UPDATE cases SET state = ?, salt = ?, committed_in = ?, transaction_hash = ? WHERE secret = ? AND holder = ?',
  )
  const updateFinal = db.prepare('UPDATE cases SET final = 1 WHERE secret = ? AND holder = ?')
  const selectAll = db.prepare('SELECT * FROM cases')
  const selectOpen = db.prepare('SELECT * FROM cases WHERE final = 0')
  const selectOf = db.prepare('SELECT * FROM cases WHERE secret = ?')

  return {
    addSecret: (secret, foundAt) => Number(insertSecret.run(text(secret), foundAt).changes) === 1,
    secrets: () =>
      (selectSecrets.all() as { secret: string; foundAt: number }[]).map(({ secret, foundAt }) => ({
        secret: BigInt(secret),
        foundAt,
      })),
    addCase: ({ secret, holder, commitment }) => void insertCase.run(text(secret), holder, text(commitment)),
    update: ({ secret, holder, state, salt, committedIn, transactionHash }) =>
      void updateCase.run(
        state,
        salt ?? null,
        committedIn === undefined ? null : Number(committedIn),
        transactionHash ?? null,
        text(secret),
        holder,
      ),
    finish: ({ secret, holder }) => void updateFinal.run(text(secret), holder),
    open: () => selectOpen.all().map(toCase),
    all: () => selectAll.all().map(toCase),
    casesOf: (secret) => selectOf.all(text(secret)).map(toCase),
  }
}

const text = (value: bigint) => `0x${value.toString(16)}`

function toCase(row: unknown): SlashCase {
  const { secret, holder, commitment, state, salt, committed_in, transaction_hash } = row as Row
  return {
    secret: BigInt(secret),
    holder,
    commitment: BigInt(commitment),
    state,
    salt: salt ?? undefined,
    committedIn: committed_in === null ? undefined : BigInt(committed_in),
    transactionHash: transaction_hash ?? undefined,
  }
}
