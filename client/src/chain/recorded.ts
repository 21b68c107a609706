import {
  keccak256,
  parseTransaction,
  TransactionReceiptNotFoundError,
  type Address,
  type Hash,
  type Hex,
  type LocalAccount,
  type TransactionReceipt,
  type TransactionSerializedEIP1559,
} from 'viem'
import { sleep } from '../sleep.ts'
import { ChainNodesError } from '../chain-relay/errors.ts'
import { CallError } from './errors.ts'
import { KNOWN_TRANSACTION } from './known-transaction.ts'
import type { ChainReader, ChainWriter } from './reader.ts'

/** A transaction that is signed, byte for byte: it can be sent again and again, and is mined once at most. */
export interface Signed {
  readonly hash: Hash
  readonly raw: Hex
  readonly nonce: number
}

/** A transaction to be recorded before it is sent; `action` completes the sentence "the chain refused to …". */
export interface ToRecord {
  readonly action: string
  readonly to: Address
  readonly data: Hex
}

/** Transactions of one nonce and one purpose, the newest first: one of them is mined at most. */
export type Bids = readonly [Signed, ...Signed[]]

/** What the chain says of a signed transaction. `taken`: another transaction has its nonce, so it never will be mined. */
export type Outcome =
  | { readonly state: 'mined'; readonly receipt: TransactionReceipt }
  | { readonly state: 'open' }
  | { readonly state: 'taken' }

export interface RecordedDeps {
  readonly reader: ChainReader
  readonly wallet: ChainWriter
  readonly account: LocalAccount
  readonly pollMs: number
}

/** How long to look for a transaction before giving up for now. */
const PATIENCE_MS = 120_000
/** Two looks so far apart have to agree before a transaction counts as lost: endpoints may lag behind each other. */
const SECOND_LOOK_MS = 1_000
/** A node that says so has another with this nonce, or has it: looking tells which. */
const NONCE_IN_USE = /nonce too low|replacement transaction|underpriced/i

/** Sends transactions whose bytes are recorded first, so that no crash can lead to a second one for the same thing. */
export function recordedSender({ reader, wallet, account, pollMs }: RecordedDeps) {
  async function sign({ action, to, data }: ToRecord): Promise<Signed> {
    const [request, balance] = await Promise.all([
      wallet.prepareTransactionRequest({ account, to, data, type: 'eip1559' }),
      reader.getBalance({ address: account.address }),
    ])
    if (balance < request.gas * request.maxFeePerGas) throw noGas(action)
    const raw = await account.signTransaction(request)
    return { hash: keccak256(raw), raw, nonce: request.nonce }
  }

  async function receiptOf(hash: Hash): Promise<TransactionReceipt | undefined> {
    try {
      return await reader.getTransactionReceipt({ hash })
    } catch (error) {
      if (error instanceof TransactionReceiptNotFoundError) return undefined
      throw error
    }
  }

  const mined = (): Promise<number> =>
    reader.getTransactionCount({ address: account.address, blockTag: 'latest' })

  async function look(bids: Bids): Promise<Outcome> {
    const count = await mined()
    for (const { hash } of bids) {
      const receipt = await receiptOf(hash)
      if (receipt) return { state: 'mined', receipt }
    }
    return count > bids[0].nonce ? { state: 'taken' } : { state: 'open' }
  }

  async function outcome(bids: Bids): Promise<Outcome> {
    const first = await look(bids)
    if (first.state !== 'taken') return first
    await sleep(SECOND_LOOK_MS)
    return await look(bids)
  }

  async function broadcast({ raw }: Signed): Promise<void> {
    try {
      await reader.sendRawTransaction({ serializedTransaction: raw })
    } catch (error) {
      const said = String(error)
      if (!KNOWN_TRANSACTION.test(said) && !NONCE_IN_USE.test(said)) throw error
    }
  }

  /** Hands the same bytes to the chain, and waits for what becomes of them. */
  async function push(bids: Bids): Promise<Outcome> {
    await broadcast(bids[0])
    for (const until = Date.now() + PATIENCE_MS; ; await sleep(pollMs)) {
      const found = await outcome(bids)
      if (found.state !== 'open' || Date.now() > until) return found
    }
  }

  /** The same with higher fees, under the same nonce. Undefined if it is not the fee that it waits for. Sends nothing. */
  async function raise({ raw, nonce }: Signed, action: string): Promise<Signed | undefined> {
    if ((await mined()) !== nonce) return undefined
    const { r: _r, s: _s, v: _v, yParity: _y, ...old } = parseTransaction(raw as TransactionSerializedEIP1559)
    const [now, balance] = await Promise.all([
      reader.estimateFeesPerGas(),
      reader.getBalance({ address: account.address }),
    ])
    const maxPriorityFeePerGas = larger(raised(old.maxPriorityFeePerGas), now.maxPriorityFeePerGas)
    const maxFeePerGas = larger(raised(old.maxFeePerGas), larger(now.maxFeePerGas, maxPriorityFeePerGas))
    if (balance < old.gas! * maxFeePerGas) throw noGas(action)
    const again = await account.signTransaction({ ...old, maxFeePerGas, maxPriorityFeePerGas })
    return { hash: keccak256(again), raw: again, nonce }
  }

  return {
    /** Signs, records, sends and waits. One that lost its nonce to another is signed and recorded anew: it never counted. */
    async send(
      call: ToRecord,
      record: (signed: Signed) => Promise<void>,
      attempts = 4,
    ): Promise<TransactionReceipt> {
      for (let attempt = 1; ; attempt++) {
        const signed = await sign(call)
        await record(signed)
        const found = await push([signed])
        if (found.state === 'mined') return found.receipt
        if (found.state === 'open' || attempt >= attempts) throw notSeen(call.action, signed.hash)
      }
    },
    outcome,
    push,
    raise,
  }
}

/** By so much nodes want both fees of a replacement to be higher: most take a tenth more, some an eighth. */
const RAISE = { by: 1_125n, of: 1_000n }

const raised = (fee = 0n): bigint => larger((fee * RAISE.by + RAISE.of - 1n) / RAISE.of, fee + 1n)
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b)

const noGas = (action: string): CallError =>
  new CallError(`This account has no coins for the gas to ${action}`, { code: 'NO_GAS', action })

const notSeen = (action: string, hash: Hash): ChainNodesError =>
  new ChainNodesError(`To ${action} was sent (${hash}), and nothing was seen of it in time`, {
    code: 'NOT_SEEN',
    action,
    hash,
  })
