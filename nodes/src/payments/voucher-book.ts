import type { DatabaseSync } from 'node:sqlite'
import type { Address, Hex } from 'viem'
import { inTransaction } from '../storage/index.ts'
import { dayOf, LEDGER_MIGRATION, PAYEES_MIGRATION } from './ledger.ts'
import { OFFER_MIGRATION } from './offer-book.ts'
import { QUOTA_MIGRATION } from './quota/book.ts'

/** Tables of the voucher book, one migration an element. Amounts are decimal text: SQLite's integers are too small. */
export const VOUCHER_MIGRATIONS = [
  `CREATE TABLE vouchers (
    payer TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    cumulative TEXT NOT NULL,
    signature TEXT NOT NULL,
    peer TEXT NOT NULL,
    collected TEXT NOT NULL DEFAULT '0',
    published INTEGER NOT NULL DEFAULT 0,
    void INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (payer, epoch)
  ) WITHOUT ROWID;
  CREATE TABLE accounts (
    payer TEXT PRIMARY KEY,
    credited TEXT NOT NULL,
    spent TEXT NOT NULL
  ) WITHOUT ROWID;`,
  'ALTER TABLE vouchers ADD COLUMN closed INTEGER NOT NULL DEFAULT 0',
  OFFER_MIGRATION,
  LEDGER_MIGRATION,
  PAYEES_MIGRATION,
  QUOTA_MIGRATION,
  `ALTER TABLE vouchers ADD COLUMN revoked TEXT NOT NULL DEFAULT '0';
  ALTER TABLE accounts ADD COLUMN revoked TEXT NOT NULL DEFAULT '0';`,
]

/** The newest voucher of a payer in one epoch of its channel. Amounts in the token's smallest unit. */
export interface BookedVoucher {
  readonly payer: Address
  readonly epoch: bigint
  readonly cumulative: bigint
  readonly signature: Hex
  /** The peer that handed it in. */
  readonly peerId: string
  /** What the chain is known to have paid for it. */
  readonly collected: bigint
  /** Whether it was sent to the chain, where everybody can read it. */
  readonly published: boolean
}

export interface BookTotals {
  readonly credited: bigint
  /** What was served for it. */
  readonly spent: bigint
  readonly collected: bigint
  readonly pending: bigint
  /** What vouchers promised that the chain never pays: their channels were closed first. */
  readonly lost: bigint
}

/** Vouchers and what was served for them; on disk before it counts. */
export interface VoucherBook {
  voucher(payer: Address, epoch: bigint): BookedVoucher | undefined
  /**
   * Enters a checked voucher and credits what it is more than the one that is booked and more than `floor`, which the chain has
   * paid out; undefined when it is not more.
   */
  enter(
    voucher: Omit<BookedVoucher, 'collected' | 'published'>,
    floor?: bigint,
  ): { readonly increase: bigint } | undefined
  /** What the payer has paid and not yet used, without what was revoked. */
  credit(payer: Address): bigint
  /** Uses credit up; false, and nothing happens, when there is not enough. */
  spend(payer: Address, amount: bigint): boolean
  /**
   * Uses credit of many payers up in one commit; who has not enough is passed over. It survives the end of the process. After a
   * power cut the node may have forgotten, at its own cost, what was used up since the last voucher (SQLite's synchronous NORMAL).
   */
  spendAll(amounts: ReadonlyMap<Address, bigint>): void
  /** Vouchers of which it is not final that nothing is left to collect. */
  open(): BookedVoucher[]
  /** Notes that the voucher of this total goes to the chain. */
  setPublished(payer: Address, epoch: bigint, cumulative: bigint): void
  setCollected(payer: Address, epoch: bigint, collected: bigint): void
  /**
   * Whether the epoch of the channel is over, so that nothing can be collected any more. What the chain has not paid of its voucher is lost then, and as
   * much of the payer's unused credit revoked: it takes nothing from what other epochs bring. If the end is undone, it is as before.
   */
  setVoid(payer: Address, epoch: bigint, over: boolean): void
  /** Closes the account of a voucher for good, unless a greater one came in meanwhile. */
  close(voucher: Pick<BookedVoucher, 'payer' | 'epoch' | 'cumulative'>): void
  totals(): BookTotals
}

interface VoucherRow {
  payer: Address
  epoch: number
  cumulative: string
  signature: Hex
  peer: string
  collected: string
  published: number
}

interface VoidRow {
  cumulative: string
  collected: string
  void: number
  revoked: string
}

/** `now` in milliseconds since 1970 says on which day a credit is entered. */
export function voucherBook(db: DatabaseSync, now: () => number = Date.now): VoucherBook {
  const columns = 'payer, epoch, cumulative, signature, peer, collected, published'
  const selectVoucher = db.prepare(`SELECT ${columns} FROM vouchers WHERE payer = ? AND epoch = ?`)
  const selectOpen = db.prepare(`SELECT ${columns} FROM vouchers WHERE closed = 0`)
  const selectEnds = db.prepare('SELECT cumulative, collected, void FROM vouchers')
  const upsertVoucher = db.prepare(
    `INSERT INTO vouchers (payer, epoch, cumulative, signature, peer) VALUES (?, ?, ?, ?, ?) ON CONFLICT (payer, epoch)
    DO UPDATE SET cumulative = excluded.cumulative, signature = excluded.signature, peer = excluded.peer, published = 0,
    closed = 0`,
  )
  const selectAccount = db.prepare('SELECT credited, spent, revoked FROM accounts WHERE payer = ?')
  const selectAccounts = db.prepare('SELECT credited, spent FROM accounts')
  const upsertAccount = db.prepare(
    `INSERT INTO accounts (payer, credited, spent) VALUES (?, ?, ?)
    ON CONFLICT (payer) DO UPDATE SET credited = excluded.credited, spent = excluded.spent`,
  )
  const selectCredit = db.prepare('SELECT credited FROM credits WHERE day = ? AND payer = ? AND epoch = ?')
  const upsertCredit = db.prepare(
    'INSERT OR REPLACE INTO credits (day, payer, epoch, credited) VALUES (?, ?, ?, ?)',
  )
  const updatePublished = db.prepare(
    'UPDATE vouchers SET published = 1 WHERE payer = ? AND epoch = ? AND cumulative = ?',
  )
  const updateCollected = db.prepare('UPDATE vouchers SET collected = ? WHERE payer = ? AND epoch = ?')
  const selectVoid = db.prepare(
    'SELECT cumulative, collected, void, revoked FROM vouchers WHERE payer = ? AND epoch = ?',
  )
  const updateVoid = db.prepare('UPDATE vouchers SET void = ?, revoked = ? WHERE payer = ? AND epoch = ?')
  const updateRevoked = db.prepare('UPDATE accounts SET revoked = ? WHERE payer = ?')
  const updateClosed = db.prepare(
    'UPDATE vouchers SET closed = 1 WHERE payer = ? AND epoch = ? AND cumulative = ?',
  )

  function account(payer: Address): Readonly<Record<'credited' | 'spent' | 'revoked', bigint>> {
    const row = selectAccount.get(key(payer)) as Record<'credited' | 'spent' | 'revoked', string> | undefined
    const { credited = 0, spent = 0, revoked = 0 } = row ?? {}
    return { credited: BigInt(credited), spent: BigInt(spent), revoked: BigInt(revoked) }
  }

  function credit(payer: Address): bigint {
    const { credited, spent, revoked } = account(payer)
    return credited - spent - revoked
  }

  function setVoid(payer: Address, epoch: bigint, over: boolean): void {
    const row = selectVoid.get(key(payer), Number(epoch)) as VoidRow | undefined
    if (!row || (row.void === 1) === over) return
    const { revoked } = account(payer)
    const before = BigInt(row.revoked)
    const next = over ? max(0n, min(credit(payer), unpaidOf(row))) : 0n
    inTransaction(db, () => {
      updateVoid.run(over ? 1 : 0, next.toString(), key(payer), Number(epoch))
      updateRevoked.run((revoked - before + next).toString(), key(payer))
    })
  }

  function spend(payer: Address, amount: bigint): boolean {
    const { credited, spent } = account(payer)
    // What was revoked meanwhile was let through before.
    if (credited - spent < amount) return false
    upsertAccount.run(key(payer), credited.toString(), (spent + amount).toString())
    return true
  }

  const voucher = (payer: Address, epoch: bigint) => toVoucher(selectVoucher.get(key(payer), Number(epoch)))

  return {
    voucher,
    enter({ payer, epoch, cumulative, signature, peerId }, floor = 0n) {
      const booked = voucher(payer, epoch)?.cumulative ?? 0n
      const increase = cumulative - (booked > floor ? booked : floor)
      if (increase <= 0n) return undefined
      const { credited, spent } = account(payer)
      inTransaction(db, () => {
        upsertVoucher.run(key(payer), Number(epoch), cumulative.toString(), signature, peerId)
        upsertAccount.run(key(payer), (credited + increase).toString(), spent.toString())
        const day = dayOf(now())
        const today = selectCredit.get(day, key(payer), Number(epoch)) as { credited: string } | undefined
        const sum = BigInt(today?.credited ?? 0) + increase
        upsertCredit.run(day, key(payer), Number(epoch), sum.toString())
      })
      return { increase }
    },
    credit,
    spend: (payer, amount) => credit(payer) >= amount && spend(payer, amount),
    spendAll(amounts) {
      db.exec('PRAGMA synchronous = NORMAL')
      try {
        inTransaction(db, () => amounts.forEach((amount, payer) => spend(payer, amount)))
      } finally {
        db.exec('PRAGMA synchronous = FULL')
      }
    },
    open: () => selectOpen.all().map((row) => toVoucher(row)!),
    setPublished: (payer, epoch, cumulative) =>
      void updatePublished.run(key(payer), Number(epoch), cumulative.toString()),
    setCollected: (payer, epoch, collected) =>
      void updateCollected.run(collected.toString(), key(payer), Number(epoch)),
    setVoid,
    close: ({ payer, epoch, cumulative }) =>
      void updateClosed.run(key(payer), Number(epoch), cumulative.toString()),
    totals() {
      const accounts = selectAccounts.all() as { credited: string; spent: string }[]
      const vouchers = selectEnds.all() as unknown as Omit<VoidRow, 'revoked'>[]
      const unpaid = (isVoid: boolean) =>
        vouchers
          .filter((row) => (row.void === 1) === isVoid)
          .reduce((total, row) => total + unpaidOf(row), 0n)
      return {
        credited: sum(accounts.map(({ credited }) => credited)),
        spent: sum(accounts.map(({ spent }) => spent)),
        collected: sum(vouchers.map(({ collected }) => collected)),
        pending: unpaid(false),
        lost: unpaid(true),
      }
    },
  }
}

const key = (payer: Address) => payer.toLowerCase()
const max = (a: bigint, b: bigint) => (a > b ? a : b)
const min = (a: bigint, b: bigint) => (a < b ? a : b)
/** What the chain has not paid of a voucher. */
const unpaidOf = ({ cumulative, collected }: Omit<VoidRow, 'void' | 'revoked'>) =>
  BigInt(cumulative) - BigInt(collected)
const sum = (amounts: readonly string[]) => amounts.reduce((total, amount) => total + BigInt(amount), 0n)

function toVoucher(row: unknown): BookedVoucher | undefined {
  if (!row) return undefined
  const { payer, epoch, cumulative, signature, peer, collected, published } = row as VoucherRow
  return {
    payer,
    epoch: BigInt(epoch),
    cumulative: BigInt(cumulative),
    signature,
    peerId: peer,
    collected: BigInt(collected),
    published: published === 1,
  }
}
