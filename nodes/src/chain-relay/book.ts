import type { DatabaseSync } from 'node:sqlite'
import type { Address, Hex } from 'viem'
import type { ActionState } from '@teahouse/protocol/chain-relay'

/** Tables of the book, one migration an element. Amounts in wei as text, times in unix seconds. */
export const ACTION_MIGRATIONS = [
  `CREATE TABLE actions (
    id TEXT PRIMARY KEY,
    target TEXT NOT NULL,
    data TEXT NOT NULL,
    state TEXT NOT NULL,
    gas INTEGER NOT NULL,
    cost TEXT NOT NULL,
    at INTEGER NOT NULL,
    hash TEXT,
    raw TEXT
  ) WITHOUT ROWID;
  CREATE INDEX actions_at ON actions (at);`,
]

/** An action that the node has taken on. */
export interface BookedAction {
  readonly id: Hex
  readonly target: Address
  readonly data: Hex
  readonly state: ActionState
  /** What the transaction may use. */
  readonly gas: bigint
  /** What it costs the node at most, in wei; what it did cost once it is mined. */
  readonly cost: bigint
  /** When it was taken on, unix seconds. */
  readonly at: number
  /** Of the transaction, once there is one: of the one that was mined, else of the newest. */
  readonly hash: Hex | undefined
  /** Its signed bytes and those of its replacements, the newest last: any of them may be the one that is mined. */
  readonly raws: readonly Hex[]
}

/** What was taken on, on disk before it is answered for. */
export interface ActionBook {
  find(id: Hex): BookedAction | undefined
  /** Replaces what there was under the id. */
  put(action: BookedAction): void
  remove(id: Hex): void
  /** Those that are not over. */
  open(): BookedAction[]
  /** Wei since a time, of what is mined and of what may be. */
  spentSince(seconds: number): bigint
  /** Forgets what was over before a time. */
  prune(seconds: number): void
}

interface Row {
  id: Hex
  target: Address
  data: Hex
  state: ActionState
  gas: number
  cost: string
  at: number
  hash: Hex | null
  /** Separated by spaces. */
  raw: string | null
}

/** The book in a database opened with {@link ACTION_MIGRATIONS}. */
export function actionBook(db: DatabaseSync): ActionBook {
  const select = db.prepare('SELECT * FROM actions WHERE id = ?')
  const selectOpen = db.prepare("SELECT * FROM actions WHERE state IN ('waiting', 'sent') ORDER BY at")
  const selectCosts = db.prepare("SELECT cost FROM actions WHERE at >= ? AND state <> 'lost'")
  const insert = db.prepare(
    `INSERT OR REPLACE INTO actions (id, target, data, state, gas, cost, at, hash, raw)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const remove = db.prepare('DELETE FROM actions WHERE id = ?')
  const prune = db.prepare("DELETE FROM actions WHERE at < ? AND state NOT IN ('waiting', 'sent')")

  return {
    find(id) {
      const row = select.get(id) as Row | undefined
      return row && fromRow(row)
    },
    put({ id, target, data, state, gas, cost, at, hash = null, raws }) {
      insert.run(
        id,
        target,
        data,
        state,
        gas,
        cost.toString(),
        at,
        hash,
        raws.length === 0 ? null : raws.join(' '),
      )
    },
    remove: (id) => void remove.run(id),
    open: () => (selectOpen.all() as unknown as Row[]).map(fromRow),
    spentSince: (seconds) =>
      (selectCosts.all(seconds) as unknown as Pick<Row, 'cost'>[]).reduce(
        (sum, { cost }) => sum + BigInt(cost),
        0n,
      ),
    prune: (seconds) => void prune.run(seconds),
  }
}

function fromRow({ gas, cost, hash, raw, ...row }: Row): BookedAction {
  const raws = (raw?.split(' ') ?? []) as Hex[]
  return { ...row, gas: BigInt(gas), cost: BigInt(cost), hash: hash ?? undefined, raws }
}
