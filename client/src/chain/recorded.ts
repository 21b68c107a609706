import {
  keccak256,
  TransactionReceiptNotFoundError,
  type Address,
  type Hash,
  type Hex,
  type LocalAccount,
  type TransactionReceipt,
} from 'viem'
import { sleep } from '../sleep.ts'
import { ChainNodesError } from '../chain-relay/errors.ts'
import { CallError } from './errors.ts'
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
/** A node that says so has it, or has another with this nonce: looking tells which. */
const TO_LOOK_AT = /already known|already imported|nonce too low|replacement transaction|underpriced/i

/** Sends transactions whose bytes are recorded first, so that no crash can lead to a second one for the same thing. */
export function recordedSender({ reader, wallet, account, pollMs }: RecordedDeps) {
  async function sign({ action, to, data }: ToRecord): Promise<Signed> {
    const [request, balance] = await Promise.all([
      wallet.prepareTransactionRequest({ account, to, data, type: 'eip1559' }),
      reader.getBalance({ address: account.address }),
    ])
    if (balance < request.gas * request.maxFeePerGas)
      throw new CallError(`This account has no coins for the gas to ${action}`, { code: 'NO_GAS', action })
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

  async function look({ hash, nonce }: Signed): Promise<Outcome> {
    const count = await reader.getTransactionCount({ address: account.address, blockTag: 'latest' })
    const receipt = await receiptOf(hash)
    if (receipt) return { state: 'mined', receipt }
    return count > nonce ? { state: 'taken' } : { state: 'open' }
  }

  async function outcome(signed: Signed): Promise<Outcome> {
    const first = await look(signed)
    if (first.state !== 'taken') return first
    await sleep(SECOND_LOOK_MS)
    return await look(signed)
  }

  async function broadcast({ raw }: Signed): Promise<void> {
    try {
      await reader.sendRawTransaction({ serializedTransaction: raw })
    } catch (error) {
      if (!TO_LOOK_AT.test(String(error))) throw error
    }
  }

  /** Hands the same bytes to the chain, and waits for what becomes of them. */
  async function push(signed: Signed): Promise<Outcome> {
    await broadcast(signed)
    for (const until = Date.now() + PATIENCE_MS; ; await sleep(pollMs)) {
      const found = await outcome(signed)
      if (found.state !== 'open' || Date.now() > until) return found
    }
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
        const found = await push(signed)
        if (found.state === 'mined') return found.receipt
        if (found.state === 'open' || attempt >= attempts) throw notSeen(call.action, signed.hash)
      }
    },
    outcome,
    push,
  }
}

const notSeen = (action: string, hash: Hash): ChainNodesError =>
  new ChainNodesError(`To ${action} was sent (${hash}), and nothing was seen of it in time`, {
    code: 'NOT_SEEN',
    action,
    hash,
  })
