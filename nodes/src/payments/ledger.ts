import type { DatabaseSync } from 'node:sqlite'
import { getAbiItem, type Address, type Hex, type PublicClient } from 'viem'
import { abis } from '@teahouse/protocol/chain'
import { inTransaction } from '../storage/index.ts'

/** Tables of the voucher database; amounts are decimal text, days are in UTC as in 2026-01-31. */
export const LEDGER_MIGRATION = `CREATE TABLE credits (
    day TEXT NOT NULL,
    payer TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    credited TEXT NOT NULL,
    PRIMARY KEY (day, payer, epoch)
  ) WITHOUT ROWID;
  CREATE TABLE collections (
    block INTEGER NOT NULL,
    log_index INTEGER NOT NULL,
    day TEXT NOT NULL,
    payer TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    collected TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (block, log_index)
  ) WITHOUT ROWID;
  CREATE TABLE collections_read (up_to INTEGER NOT NULL);`

/**
 * Up to which block is read of which payee; `ends` once another one took its place, since what it was paid until then counts. A row
 * without a payee is of before a payee could change.
 */
export const PAYEES_MIGRATION = `CREATE TABLE payees_read (payee TEXT PRIMARY KEY, up_to INTEGER NOT NULL, ends INTEGER) WITHOUT ROWID;
  INSERT INTO payees_read SELECT '', max(up_to), NULL FROM collections_read HAVING max(up_to) IS NOT NULL;
  DROP TABLE collections_read;`

/** What a payer was credited on a day in one epoch of its channel, or what one transaction brought of it. */
export interface LedgerEntry {
  readonly day: string
  readonly payer: Address
  readonly epoch: bigint
  /** In the token's smallest unit; one of the two is 0. */
  readonly credited: bigint
  readonly collected: bigint
  /** Of the transaction that collected. */
  readonly hash?: Hex | undefined
}

export interface LedgerDeps {
  readonly db: DatabaseSync
  readonly client: PublicClient
  readonly channels: Address
  readonly payee: Address
  /** The block in which the contracts were deployed, blocks in one query of logs, and blocks until one is final. */
  readonly fromBlock: number
  readonly blockRange: number
  readonly confirmations: number
}

/**
 * What the node was credited, from its own book, and what its payee was paid, from the chain's events: so the sum of `collected` is
 * what the payee, and each one before it until it was replaced, received from channels, to the last unit, whoever sent the transactions and whatever crashed meanwhile.
 */
export interface Ledger {
  /** All entries by day. Throws what viem throws. */
  entries(): Promise<LedgerEntry[]>
}

interface Row {
  day: string
  payer: Address
  epoch: number
  credited?: string
  collected?: string
  hash?: Hex
}

const COLLECTED = getAbiItem({ abi: abis.PaymentChannels, name: 'Collected' })

export function paymentLedger({ db, client, channels, payee, ...chain }: LedgerDeps): Ledger {
  const selectCredits = db.prepare('SELECT day, payer, epoch, credited FROM credits')
  const selectCollections = db.prepare('SELECT day, payer, epoch, collected, hash FROM collections')
  const payees = payeesRead(db, payee.toLowerCase() as Address)
  const insert = db.prepare(
    `INSERT OR REPLACE INTO collections (block, log_index, day, payer, epoch, collected, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )

  async function paidBetween(to: Address, fromBlock: bigint, toBlock: bigint) {
    const args = { payee: to }
    const logs = await client.getLogs({
      address: channels,
      event: COLLECTED,
      args,
      fromBlock,
      toBlock,
      strict: true,
    })
    const days = new Map<bigint, string>()
    for (const { blockNumber } of logs) {
      if (days.has(blockNumber)) continue
      const { timestamp } = await client.getBlock({ blockNumber })
      days.set(blockNumber, dayOf(Number(timestamp) * 1_000))
    }
    return logs.map(({ blockNumber, logIndex, transactionHash: hash, args: { payer, epoch, paid } }) => ({
      ...{ block: blockNumber, logIndex, hash, payer, epoch: BigInt(epoch), collected: paid },
      day: days.get(blockNumber)!,
    }))
  }

  /** What is final is read once; what is not is read each time. */
  async function newest(): Promise<LedgerEntry[]> {
    const head = await client.getBlockNumber({ cacheTime: 0 })
    const final = head - BigInt(chain.confirmations)
    const open: LedgerEntry[] = []
    for (const { payee: to, upTo, ends } of payees.list(chain.fromBlock - 1, Number(head))) {
      const last = ends === undefined ? head : min(BigInt(ends), head)
      for (let from = BigInt(upTo + 1); from <= last;) {
        const end = min(min(from + BigInt(chain.blockRange) - 1n, from <= final ? final : head), last)
        const paid = await paidBetween(to, from, end)
        if (end <= final) keep(to, paid, end)
        else open.push(...paid.map((entry) => ({ ...entry, credited: 0n })))
        from = end + 1n
      }
    }
    return open
  }

  function keep(to: Address, paid: Awaited<ReturnType<typeof paidBetween>>, upTo: bigint): void {
    inTransaction(db, () => {
      for (const { block, logIndex, day, payer, epoch, collected, hash } of paid) {
        const amounts = [payer.toLowerCase(), Number(epoch), collected.toString(), hash] as const
        insert.run(Number(block), logIndex, day, ...amounts)
      }
      payees.setRead(to, Number(upTo))
    })
  }

  return {
    async entries() {
      const open = await newest()
      const rows = [...selectCredits.all(), ...selectCollections.all()] as unknown as Row[]
      const kept = rows.map(({ epoch, credited = '0', collected = '0', ...row }) => ({
        ...row,
        epoch: BigInt(epoch),
        credited: BigInt(credited),
        collected: BigInt(collected),
      }))
      const all = [
        ...kept,
        ...open.map((entry) => ({ ...entry, payer: entry.payer.toLowerCase() as Address })),
      ]
      return all.sort((a, b) => (a.day === b.day ? 0 : a.day < b.day ? -1 : 1))
    },
  }
}

interface PayeeRead {
  readonly payee: Address
  readonly upTo: number
  readonly ends: number | undefined
}

/** The payees that vouchers were for, `current` the present one in lower case, and up to which block what they were paid is kept. */
function payeesRead(db: DatabaseSync, current: Address) {
  const select = db.prepare('SELECT payee, up_to AS upTo, ends FROM payees_read')
  const upsert = db.prepare(
    `INSERT INTO payees_read (payee, up_to) VALUES (?, ?)
    ON CONFLICT (payee) DO UPDATE SET up_to = max(up_to, excluded.up_to), ends = NULL`,
  )
  const read = db.prepare('UPDATE payees_read SET up_to = ? WHERE payee = ?')
  const end = db.prepare('UPDATE payees_read SET ends = ? WHERE payee <> ? AND ends IS NULL')
  const name = db.prepare("UPDATE payees_read SET payee = ? WHERE payee = ''")

  return {
    /** All of them. The present one begins where the one before was when it is seen first, and that one ends with `head`. */
    list(before: number, head: number): PayeeRead[] {
      inTransaction(db, () => {
        name.run(current)
        const rows = select.all() as { payee: Address; upTo: number; ends: number | null }[]
        if (rows.some(({ payee, ends }) => payee === current && ends === null)) return
        const last = rows.find(({ ends }) => ends === null)
        upsert.run(current, last?.upTo ?? before)
        end.run(head, current)
      })
      const rows = select.all() as { payee: Address; upTo: number; ends: number | null }[]
      return rows.map(({ ends, ...row }) => ({ ...row, ends: ends ?? undefined }))
    },
    setRead: (payee: Address, upTo: number) => void read.run(upTo, payee),
  }
}

/** One line an entry, amounts in the token's smallest unit. */
export function ledgerCsv(entries: readonly LedgerEntry[]): string {
  const lines = entries.map(({ day, payer, epoch, credited, collected, hash = '' }) =>
    [day, payer, epoch, credited, collected, hash].join(','),
  )
  return ['day,payer,epoch,credited,collected,transaction', ...lines, ''].join('\n')
}

/** The day in UTC of a time in milliseconds since 1970. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

const min = (a: bigint, b: bigint) => (a < b ? a : b)
