import type { StorageReceipt } from '@teahouse/protocol/receipts'
import type { DatabaseSync } from 'node:sqlite'
import { bytesToHex, getAddress, hexToBytes, type Address, type Hex } from 'viem'
import { receiptId } from '@teahouse/protocol/receipts'
import type { StopMark } from '../rln/stop-mark.ts'
import { inTransaction } from '../storage/index.ts'
import { freeSlot, nextPeriod, slotClass, type Pledge } from './slots.ts'

/** Tables of the book, one migration an element. Amounts are decimal text: SQLite's integers are too small. */
export const RECEIPT_MIGRATIONS = [
  `CREATE TABLE speakers (
    speaker TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    liability TEXT NOT NULL,
    stopped TEXT
  ) WITHOUT ROWID;
  CREATE TABLE receipts (
    id BLOB PRIMARY KEY,
    speaker TEXT NOT NULL,
    client BLOB NOT NULL,
    root BLOB NOT NULL,
    size INTEGER NOT NULL,
    begins INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    liability TEXT NOT NULL,
    slot INTEGER NOT NULL,
    class INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX receipts_by_class ON receipts (speaker, liability, class, ends);
  CREATE INDEX receipts_by_root ON receipts (root, client);
  CREATE INDEX receipts_by_end ON receipts (ends);`,
]

/** Who promises, at which court: receipts of two speakers never pledge one thing twice. */
export interface Promiser {
  readonly chainId: number
  readonly court: Address
  readonly operator: number
  /** The court's longest term, in seconds. */
  readonly maxTerm: number
}

/** What a receipt is to say; the book adds the slot. */
export type WantedReceipt = Omit<StorageReceipt, 'operator' | 'slot'>

/** Every receipt that was signed and still counts. What it holds was on disk before it was signed. Throws what SQLite throws. */
export interface ReceiptBook {
  /** The unix second from which on may be signed. */
  readonly since: number
  /**
   * Opens the book for signing with one liability. `now` is the later one of the node's clock and the chain's time: whatever an earlier run signed
   * began before.
   */
  open(now: number, liability: bigint): Promise<void>
  /** The longest receipt that runs at `now` for this client and content, if it lasts until then. */
  running(now: number, wanted: Pick<StorageReceipt, 'client' | 'root' | 'until'>): StorageReceipt | undefined
  /**
   * Gives the receipt a slot that no other one has that runs at the same time, below stake ÷ liability, and enters it: it is on disk when
   * this returns. Undefined if no slot is free, or `from` is before `since`.
   */
  enter(wanted: WantedReceipt, stake: bigint): StorageReceipt | undefined
  find(id: Hex): StorageReceipt | undefined
  /** Those for one content that run at `now`, the next to end first. */
  runningOf(now: number, root: Hex): StorageReceipt[]
  count(now: number): number
  /** Forgets those that ended before. */
  prune(before: number): void
  close(): Promise<void>
}

interface Row {
  readonly client: Uint8Array
  readonly root: Uint8Array
  readonly size: number
  readonly begins: number
  readonly ends: number
  readonly liability: string
  readonly slot: number
}

/** What an earlier run left: from when on it might sign, what each receipt pledged, and the token of its clean stop. */
interface Speaker {
  readonly since: number
  readonly liability: string
  readonly stopped: string | null
}

/**
 * The book in a database of this node alone, opened with {@link RECEIPT_MIGRATIONS}. `mark` tells a clean stop of this very folder; after
 * anything else the database may be an older copy of itself, and only slots are given that no earlier run can have given.
 */
export function receiptBook(db: DatabaseSync, of: Promiser, mark: StopMark): ReceiptBook {
  const speaker = `${of.chainId}/${of.court}/${of.operator}`.toLowerCase()
  const { operator, maxTerm } = of
  const insert = db.prepare('INSERT INTO receipts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const byId = db.prepare('SELECT * FROM receipts WHERE id = ? AND speaker = ?')
  const longest = db.prepare(
    `SELECT * FROM receipts
    WHERE root = ?1 AND client = ?2 AND speaker = ?3 AND begins <= ?4 AND ends > ?4 AND ends >= ?5
    ORDER BY ends DESC LIMIT 1`,
  )
  const pledged = db.prepare(
    `SELECT slot, liability FROM receipts
    WHERE speaker = ? AND liability = ? AND class = ? AND ends > ? AND begins < ?`,
  )
  const pledgedOf = db.prepare(
    'SELECT slot, liability FROM receipts WHERE speaker = ? AND liability = ? AND ends > ? AND begins < ?',
  )
  const liabilities = db.prepare('SELECT DISTINCT liability FROM receipts WHERE speaker = ?')
  const byRoot = db.prepare(
    'SELECT * FROM receipts WHERE root = ? AND speaker = ? AND ends > ? ORDER BY ends',
  )
  const total = db.prepare('SELECT count(*) AS n FROM receipts WHERE speaker = ? AND ends > ?')
  const remove = db.prepare('DELETE FROM receipts WHERE ends < ?')
  const known = db.prepare('SELECT since, liability, stopped FROM speakers WHERE speaker = ?')
  const setSpeaker = db.prepare('INSERT OR REPLACE INTO speakers VALUES (?, ?, ?, ?)')

  let opened: { since: number; liability: bigint; others: readonly string[] } | undefined

  const toReceipt = ({ client, root, size, begins, ends, liability, slot }: Row): StorageReceipt => ({
    operator,
    client: getAddress(bytesToHex(client)),
    root: bytesToHex(root),
    size: BigInt(size),
    from: begins,
    until: ends,
    liability: BigInt(liability),
    slot,
  })
  const one = (row: unknown) => (row === undefined ? undefined : toReceipt(row as Row))

  function* pledges(slots: number, { from, until, liability }: WantedReceipt): Generator<Pledge> {
    const found = pledged.all(speaker, `${liability}`, slots, from, until)
    for (const other of opened?.others ?? []) found.push(...pledgedOf.all(speaker, other, from, until))
    for (const row of found) {
      const { slot, liability: part } = row as { slot: number; liability: string }
      yield { slot, liability: BigInt(part) }
    }
  }

  /**
   * What an earlier run may have signed and this book may lack began before `unknownBefore`, and has ended a longest term later. A wait that was
   * begun goes on.
   */
  function firstSecond(
    now: number,
    liability: bigint,
    before: Speaker | undefined,
    isWhole: boolean,
  ): number {
    const waited = before?.since ?? 0
    const unknownBefore = isWhole ? waited : Math.max(now, waited)
    const isOther = before !== undefined && before.liability !== `${liability}`
    if (isOther) return nextPeriod(unknownBefore + maxTerm, maxTerm)
    return isWhole ? waited : Math.max(waited, nextPeriod(now, maxTerm))
  }

  return {
    get since() {
      return opened?.since ?? Infinity
    },
    async open(now, liability) {
      const token = await mark.take()
      const before = known.get(speaker) as Speaker | undefined
      const isWhole = token !== undefined && before?.stopped === token
      const since = firstSecond(now, liability, before, isWhole)
      // Also of other speakers nothing is certain any more: the mark is gone.
      inTransaction(db, () => {
        db.exec('UPDATE speakers SET stopped = NULL')
        setSpeaker.run(speaker, since, `${liability}`, null)
      })
      const all = (liabilities.all(speaker) as { liability: string }[]).map((row) => row.liability)
      opened = { since, liability, others: all.filter((other) => other !== `${liability}`) }
    },
    running: (now, { client, root, until }) =>
      one(longest.get(hexToBytes(root), hexToBytes(client), speaker, now, until)),
    enter(wanted, stake) {
      const { client, root, size, from, until, liability } = wanted
      if (!opened || liability !== opened.liability || from < opened.since) return undefined
      const slots = slotClass(from, maxTerm)
      let entered: StorageReceipt | undefined
      inTransaction(db, () => {
        const slot = freeSlot({ slotClass: slots, liability, stake }, pledges(slots, wanted))
        if (slot === undefined) return
        entered = { ...wanted, operator, slot }
        const id = hexToBytes(receiptId(entered))
        const what = [hexToBytes(client), hexToBytes(root), size, from, until] as const
        insert.run(id, speaker, ...what, `${liability}`, slot, slots)
      })
      return entered
    },
    find: (id) => one(byId.get(hexToBytes(id), speaker)),
    runningOf: (now, root) =>
      byRoot.all(hexToBytes(root), speaker, now).map((row) => toReceipt(row as unknown as Row)),
    count: (now) => (total.get(speaker, now) as { n: number }).n,
    prune: (before) => void remove.run(before),
    async close() {
      if (opened) setSpeaker.run(speaker, opened.since, `${opened.liability}`, await mark.leave())
      opened = undefined
    },
  }
}
