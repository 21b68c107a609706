import { setTimeout as sleep } from 'node:timers/promises'
import {
  createWalletClient,
  encodeFunctionData,
  keccak256,
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
import { tally, type Tally } from '../tally.ts'
import { NodeChainError } from './errors.ts'

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
  readonly receiptTimeoutMs: number
  readonly log: Logger
}

/** Sends transactions of one key, one after the other, so that nonces never collide. */
export interface Sender {
  readonly address: Address
  /**
   * Simulates, signs, sends and waits for the receipt. The signed bytes are sent again when the RPC address fails in between.
   * @throws what the simulation throws (viem's ContractFunctionExecutionError with the contract's error);
   * NodeChainError REVERTED when the transaction is mined but fails, STOPPED after `stop()`.
   */
  send(call: ContractCall): Promise<TransactionReceipt>
  /** Waits for what is under way and refuses what comes later. */
  stop(): Promise<void>
  readonly use: SenderUse
}

/** Transactions since the start, and what they cost in wei. `reverted` ones cost too; `failed` ones were not sent, or nobody knows. */
export interface SenderUse {
  readonly transactions: ReturnType<Tally<'mined' | 'reverted' | 'failed'>['counts']>
  readonly feesWei: bigint
}

const SEND_ATTEMPTS = 4

export function createSender({
  account,
  chain,
  client,
  transport,
  receiptTimeoutMs,
  log,
}: SenderDeps): Sender {
  const wallet = createWalletClient({ account, chain, transport })
  let tail: Promise<unknown> = Promise.resolve()
  let stopped = false
  const counted = tally<'mined' | 'reverted' | 'failed'>()
  let feesWei = 0n

  async function sign(call: ContractCall): Promise<Hex> {
    await client.simulateContract({ ...call, account })
    const nonce = await client.getTransactionCount({ address: account.address, blockTag: 'pending' })
    const data = encodeFunctionData(call)
    const request = await wallet.prepareTransactionRequest({ account, chain, to: call.address, data, nonce })
    return await wallet.signTransaction(request)
  }

  /** Sending the same signed bytes twice is harmless; the receipt decides. */
  async function submit(raw: Hex): Promise<TransactionReceipt> {
    const hash = keccak256(raw)
    for (let attempt = 1; ; attempt++) {
      try {
        await client.sendRawTransaction({ serializedTransaction: raw }).catch((cause: unknown) => {
          if (!isKnown(cause)) throw cause
        })
        return await client.waitForTransactionReceipt({
          hash,
          timeout: receiptTimeoutMs,
          pollingInterval: 250,
          checkReplacement: false, // another transaction's receipt would be told as this one's
        })
      } catch (cause) {
        if (stopped || attempt >= SEND_ATTEMPTS || cause instanceof WaitForTransactionReceiptTimeoutError)
          throw cause
        log.warn({ err: cause, hash, attempt }, 'Sending a transaction again')
        await sleep(500 * 2 ** attempt)
      }
    }
  }

  async function sendNow(call: ContractCall): Promise<TransactionReceipt> {
    const receipt = await sign(call)
      .then(submit)
      .catch((err: unknown) => {
        counted.add('failed')
        throw err
      })
    const { functionName } = call
    const { effectiveGasPrice: price } = receipt as { effectiveGasPrice?: bigint | null } // not every endpoint tells it
    feesWei += receipt.gasUsed * (price ?? 0n)
    counted.add(receipt.status === 'success' ? 'mined' : 'reverted')
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
    get use() {
      return { transactions: counted.counts(), feesWei }
    },
  }
}

function isKnown(cause: unknown): boolean {
  return (
    cause instanceof Error &&
    /already known|already imported|known transaction|nonce too low/i.test(cause.message)
  )
}
