import type { ContractName } from '@teahouse/protocol/chain'
import { erc20Abi, isAddressEqual, type Address, type Hash } from 'viem'
import type { Chain } from '../chain/chain.ts'
import type { Addresses, OwnAddress } from './addresses.ts'
import type { MoneyBook, Payment } from './book.ts'
import type { Desk } from './desk.ts'
import type { Receipts, Verdict } from './receipts.ts'
import type { TokenInfo, Tokens } from './tokens.ts'

/** What this account got or gave: from the chain, with what its book and its conversations know of it. */
export interface HistoryEntry {
  /** `own`: from one address of this account to another. */
  readonly direction: 'in' | 'out' | 'own'
  readonly token: TokenInfo
  /** In the token's smallest unit. */
  readonly amount: bigint
  /** Of this account. */
  readonly own: Address
  /** The other side's. */
  readonly other: Address
  /** The other side, if it is a contract of the network. */
  readonly contract?: ContractName | undefined
  /** The contact that was paid, or that was told the address which was paid: its chat identity, as hex. */
  readonly contact?: string | undefined
  /** What the payer wrote. */
  readonly note?: string | undefined
  readonly hash: Hash
  /** Absent if it is not mined. */
  readonly block?: number | undefined
  /** Milliseconds since 1970: of the block, or of signing. */
  readonly at: number
  /** Of a payment that this account made itself. */
  readonly payment?: Pick<Payment, 'id' | 'state' | 'refundOf'> | undefined
}

/** A receipt that names no payment to this account, or none yet. */
export interface DoubtfulReceipt {
  readonly contact: string
  readonly id: string
  readonly hash: Hash
  readonly amount: bigint
  readonly note: string
  readonly verdict: Exclude<Verdict, { state: 'received' }>
}

export interface MoneyHistory {
  /** The newest first. */
  readonly entries: readonly HistoryEntry[]
  readonly doubtful: readonly DoubtfulReceipt[]
}

export interface HistoryDeps {
  readonly chain: Chain
  readonly tokens: Tokens
  readonly addresses: Addresses
  readonly book: MoneyBook
  readonly desk: Desk
  readonly receipts: Receipts
}

const LIMIT = 50

/** Joins the token's events with the book and with what contacts wrote. Whatever only somebody says is in `doubtful`. */
export function createHistory({ chain, tokens, addresses, book, desk, receipts }: HistoryDeps) {
  const { contracts } = chain.network

  async function transfersOf(token: Address, own: readonly Address[]) {
    const events = {
      address: token,
      abi: erc20Abi,
      eventName: 'Transfer',
      strict: true,
      fromBlock: 0n,
    } as const
    const [came, went] = await chain.read('read the transfers', () =>
      Promise.all(
        [{ to: [...own] }, { from: [...own] }].map((args) =>
          chain.reader.getContractEvents({ ...events, args }),
        ),
      ),
    )
    const seen = new Set<string>()
    return [...came!, ...went!].filter(({ transactionHash, logIndex }) => {
      const name = `${transactionHash}/${logIndex}`
      return !seen.has(name) && seen.add(name)
    })
  }

  const contractAt = (address: Address): ContractName | undefined =>
    (Object.keys(contracts) as ContractName[]).find((name) => isAddressEqual(contracts[name], address))

  function entryOf(
    token: TokenInfo,
    { from, to, value: amount }: { from: Address; to: Address; value: bigint },
    own: readonly OwnAddress[],
  ): Omit<HistoryEntry, 'hash' | 'at'> {
    const [payer, payee] = [from, to].map((one) => own.find(({ address }) => isAddressEqual(address, one)))
    const direction = payer && payee ? 'own' : payer ? 'out' : 'in'
    const [mine, other] = payer ? [from, to] : [to, from]
    const contact = direction === 'in' ? payee?.contact : undefined
    return { direction, token, amount, own: mine, other, contract: contractAt(other), contact }
  }

  async function onChain(own: readonly OwnAddress[], payments: readonly Payment[], limit: number) {
    const found = await Promise.all(
      tokens.addresses.map(async (address) => {
        const token = await tokens.of(address)
        const transfers = await transfersOf(
          address,
          own.map((one) => one.address),
        )
        return transfers.map(({ args, transactionHash: hash, blockNumber, logIndex }) => {
          const payment = payments.find(({ signed }) => signed.hash === hash)
          return { ...entryOf(token, args, own), hash, blockNumber, logIndex, payment }
        })
      }),
    )
    const newest = found
      .flat()
      .sort((a, b) => Number(b.blockNumber - a.blockNumber) || b.logIndex - a.logIndex)
      .slice(0, limit)
    const times = await timesOf(newest.map(({ blockNumber }) => blockNumber))
    return newest.map(({ blockNumber, logIndex: _, payment, ...entry }): HistoryEntry => ({
      ...entry,
      ...{ block: Number(blockNumber), at: times.get(blockNumber)! },
      ...(payment && { ...said(payment), contact: payment.contact }),
    }))
  }

  async function timesOf(blocks: readonly bigint[]): Promise<Map<bigint, number>> {
    const numbers = [...new Set(blocks)]
    const read = (blockNumber: bigint) => chain.reader.getBlock({ blockNumber })
    const found = await chain.read('read when it was', () => Promise.all(numbers.map(read)))
    return new Map(found.map(({ number, timestamp }) => [number, Number(timestamp) * 1_000]))
  }

  const said = ({ note, id, state, refundOf }: Payment) => ({
    ...(note && { note }),
    payment: { id, state, refundOf },
  })

  /** Payments that the chain does not show: on their way, refused, or replaced. */
  async function offChain(payments: readonly Payment[], shown: ReadonlySet<Hash>): Promise<HistoryEntry[]> {
    const missing = payments.filter(({ signed }) => !shown.has(signed.hash))
    return await Promise.all(
      missing.map(async (payment): Promise<HistoryEntry> => {
        const { token, amount, to, contact, at, signed } = payment
        const sides = { direction: 'out', own: chain.account.address, other: to } as const
        return {
          ...sides,
          ...said(payment),
          token: await tokens.of(token),
          amount,
          contact,
          at,
          hash: signed.hash,
        }
      }),
    )
  }

  /** What contacts wrote about payments: notes to those that came, and what is not true. */
  async function fromContacts(): Promise<{ notes: Map<Hash, string>; doubtful: DoubtfulReceipt[] }> {
    const notes = new Map<Hash, string>()
    const doubtful: DoubtfulReceipt[] = []
    for (const given of await desk.allReceipts()) {
      const { hash, amount, note } = given.body
      const verdict = await receipts.check(given)
      if (verdict.state === 'received') notes.set(hash, note)
      else doubtful.push({ contact: given.account, id: given.id, hash, amount, note, verdict })
    }
    return { notes, doubtful }
  }

  /** The newest entries, 50 by default. Receipts are looked at if the chat has been opened. Throws CallError. */
  return async function history({ limit = LIMIT }: { readonly limit?: number } = {}): Promise<MoneyHistory> {
    const [own, payments] = await Promise.all([addresses.all(), book.list()])
    const { notes, doubtful } = await fromContacts()
    const found = await onChain(own, payments, limit)
    const shown = new Set(found.map(({ hash }) => hash))
    const waiting = await offChain(
      payments.filter(({ state }) => state !== 'paid'),
      shown,
    )
    const entries = [...waiting, ...found].map((entry) => {
      const note = entry.direction === 'in' ? notes.get(entry.hash) : undefined
      return note ? { ...entry, note } : entry
    })
    return { entries: entries.sort((a, b) => b.at - a.at).slice(0, limit), doubtful }
  }
}
