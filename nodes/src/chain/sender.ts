import { setTimeout as sleep } from 'node:timers/promises'
import {
  createWalletClient,
  encodeFunctionData,
  keccak256,
  TransactionReceiptNotFoundError,
  WaitForTransactionReceiptTimeoutError,
  type Abi,
  type Address,
  type Chain,
  type Hex,
  type LocalAccount,
  type PublicClient,
  type TransactionReceipt,
  type Transport,
} from 'viem'
import type { Logger } from 'pino'
import { NodeChainError } from './errors.ts'
import { replacement } from './replacement.ts'

/** One call of a contract, to be sent as a transaction of its own. */
export interface ContractCall {
  readonly address: Address
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
}

export interface SenderDeps {
  readonly account: LocalAccount
  readonly chain: Chain
  readonly client: PublicClient
  readonly transport: Transport
  /** How long one transaction is waited for in all. */
  readonly receiptTimeoutMs: number
  /** After how long it is sent again with higher fees, and after that again; never without it. */
  readonly replaceAfterMs?: number
  readonly log: Logger
}

/** Sends transactions of one key, one after the other, so that nonces never collide. */
export interface Sender {
  readonly address: Address
  /**
   * Simulates, signs, sends and waits for the receipt. The signed bytes are sent again when the RPC address fails in between; a transaction that
   * is not mined for a while is replaced by one with the same nonce and higher fees.
   * @throws what the simulation throws (viem's ContractFunctionExecutionError with the contract's error);
   * NodeChainError REVERTED when the transaction is mined but fails, STOPPED after `stop()`.
   */
  send(call: ContractCall): Promise<TransactionReceipt>
  /** Waits for what is under way and refuses what comes later. */
  stop(): Promise<void>
}

const SEND_ATTEMPTS = 4
const POLL_MS = 250

export function createSender({
  account,
  chain,
  client,
  transport,
  receiptTimeoutMs,
  replaceAfterMs = Infinity,
  log,
}: SenderDeps): Sender {
  const wallet = createWalletClient({ account, chain, transport })
  let tail: Promise<unknown> = Promise.resolve()
  let stopped = false

  async function sign(call: ContractCall): Promise<Hex> {
    await client.simulateContract({ ...call, account })
    const nonce = await client.getTransactionCount({ address: account.address, blockTag: 'pending' })
    const data = encodeFunctionData(call)
    const request = await wallet.prepareTransactionRequest({ account, chain, to: call.address, data, nonce })
    return await wallet.signTransaction(request)
  }

  /** The receipt of whichever of these is mined; undefined if none is by then. */
  async function receiptOf(hashes: readonly Hex[], untilMs: number): Promise<TransactionReceipt | undefined> {
    for (;;) {
      for (const hash of hashes) {
        const found = await client.getTransactionReceipt({ hash }).catch((err: unknown) => {
          if (!(err instanceof TransactionReceiptNotFoundError)) throw err
        })
        if (found) return found
      }
      if (performance.now() > untilMs) return undefined
      await sleep(POLL_MS)
    }
  }

  /** Sending the same signed bytes twice is harmless; the receipt decides. */
  async function submit(first: Hex): Promise<TransactionReceipt> {
    const end = performance.now() + receiptTimeoutMs
    const hashes = [keccak256(first)]
    let raw = first
    for (let attempt = 1; ;) {
      const hash = hashes[0]!
      try {
        await client.sendRawTransaction({ serializedTransaction: raw }).catch((cause: unknown) => {
          if (!isKnown(cause)) throw cause
        })
        const found = await receiptOf(hashes, Math.min(end, performance.now() + replaceAfterMs))
        if (found) return found
        if (performance.now() > end) throw new WaitForTransactionReceiptTimeoutError({ hash })
        raw = await replacement(raw, { account, chain, client })
        hashes.unshift(keccak256(raw))
        log.warn({ hash: hashes[0], instead: hash }, 'Offers more for a transaction that is not mined')
      } catch (cause) {
        if (stopped || attempt >= SEND_ATTEMPTS || cause instanceof WaitForTransactionReceiptTimeoutError)
          throw cause
        log.warn({ err: cause, hash, attempt }, 'Sending a transaction again')
        await sleep(500 * 2 ** attempt++)
      }
    }
  }

  async function sendNow(call: ContractCall): Promise<TransactionReceipt> {
    const receipt = await submit(await sign(call))
    const { functionName } = call
    if (receipt.status !== 'success') {
      const detail = { code: 'REVERTED', functionName, hash: receipt.transactionHash } as const
      throw new NodeChainError(`${functionName} was mined but failed (${receipt.transactionHash})`, detail)
    }
    log.info(
      { functionName, hash: receipt.transactionHash, gas: Number(receipt.gasUsed) },
      'Sent a transaction',
    )
    return receipt
  }

  return {
    address: account.address,
    send(call) {
      if (stopped) return Promise.reject(new NodeChainError('The node is stopping', { code: 'STOPPED' }))
      const sent = tail.then(() => sendNow(call))
      tail = sent.catch(() => {})
      return sent
    },
    async stop() {
      stopped = true
      await tail
    },
  }
}

function isKnown(cause: unknown): boolean {
  return (
    cause instanceof Error &&
    /already known|already imported|known transaction|nonce too low/i.test(cause.message)
  )
}
