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
  /** What the payer has paid and not yet used. */
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
  /** Whether the epoch of the channel is over, so that nothing can be collected any more. */
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

/** `now` in milliseconds since 1970 says on which day a credit is entered. */
export function voucherBook(db: DatabaseSync, now: () => number = Date.now): VoucherBook {
  const columns = 'payer, epoch, cumulative, signature, peer, collected, published'
  const selectVoucher = db.prepare(`SELECT ${columns} FROM vouchers WHERE payer = ? AND epoch = ?`)
  const selectOpen = db.prepare(`SELECT ${columns} FROM vouchers WHERE closed = 0`)
  const selectAll = db.prepare(`SELECT ${columns} FROM vouchers WHERE void = 0`)
  const selectCollected = db.prepare('SELECT collected FROM vouchers')
  const upsertVoucher = db.prepare(
    `INSERT INTO vouchers (payer, epoch, cumulative, signature, peer) VALUES (?, ?, ?, ?, ?) ON CONFLICT (payer, epoch)
    DO UPDATE SET cumulative = excluded.cumulative, signature = excluded.signature, peer = excluded.peer, published = 0,
    closed = 0`,
  )
  const selectAccount = db.prepare('SELECT credited, spent FROM accounts WHERE payer = ?')
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
  const updateVoid = db.prepare('UPDATE vouchers SET void = ? WHERE payer = ? AND epoch = ?')
  const updateClosed = db.prepare(
    'UPDATE vouchers SET closed = 1 WHERE payer = ? AND epoch = ? AND cumulative = ?',
  )

  function account(payer: Address): { credited: bigint; spent: bigint } {
    const row = selectAccount.get(key(payer)) as { credited: string; spent: string } | undefined
    return { credited: BigInt(row?.credited ?? 0), spent: BigInt(row?.spent ?? 0) }
  }

  function spend(payer: Address, amount: bigint): boolean {
    const { credited, spent } = account(payer)
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
    credit(payer) {
      const { credited, spent } = account(payer)
      return credited - spent
    },
    spend,
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
    setVoid: (payer, epoch, over) => void updateVoid.run(over ? 1 : 0, key(payer), Number(epoch)),
    close: ({ payer, epoch, cumulative }) =>
      void updateClosed.run(key(payer), Number(epoch), cumulative.toString()),
    totals() {
      const accounts = selectAccounts.all() as { credited: string; spent: string }[]
      const alive = selectAll.all().map((row) => toVoucher(row)!)
      return {
        credited: sum(accounts.map(({ credited }) => credited)),
        spent: sum(accounts.map(({ spent }) => spent)),
        collected: sum((selectCollected.all() as { collected: string }[]).map(({ collected }) => collected)),
        pending: alive.reduce((total, { cumulative, collected }) => total + cumulative - collected, 0n),
      }
    },
  }
}

const key = (payer: Address) => payer.toLowerCase()
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
