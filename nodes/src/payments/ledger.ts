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
 * what the payee received from channels, to the last unit, whoever sent the transactions and whatever crashed meanwhile.
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
  const selectRead = db.prepare('SELECT up_to FROM collections_read')
  const deleteRead = db.prepare('DELETE FROM collections_read')
  const insertRead = db.prepare('INSERT INTO collections_read (up_to) VALUES (?)')
  const insert = db.prepare(
    `INSERT OR REPLACE INTO collections (block, log_index, day, payer, epoch, collected, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )

  async function paidBetween(fromBlock: bigint, toBlock: bigint) {
    const args = { payee }
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
    const read = selectRead.get() as { up_to: number } | undefined
    const open: LedgerEntry[] = []
    const start = read ? read.up_to + 1 : chain.fromBlock
    for (let from = BigInt(start); from <= head;) {
      const end = min(from + BigInt(chain.blockRange) - 1n, from <= final ? final : head)
      const paid = await paidBetween(from, end)
      if (end <= final) keep(paid, end)
      else open.push(...paid.map((entry) => ({ ...entry, credited: 0n })))
      from = end + 1n
    }
    return open
  }

  function keep(paid: Awaited<ReturnType<typeof paidBetween>>, upTo: bigint): void {
    inTransaction(db, () => {
      for (const { block, logIndex, day, payer, epoch, collected, hash } of paid) {
        const amounts = [payer.toLowerCase(), Number(epoch), collected.toString(), hash] as const
        insert.run(Number(block), logIndex, day, ...amounts)
      }
      deleteRead.run()
      insertRead.run(Number(upTo))
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
