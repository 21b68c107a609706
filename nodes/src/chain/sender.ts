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

export interface SendOptions {
  /** Gas that the transaction may use; estimated without it. */
  readonly gas?: bigint
  /** Given the signed bytes before they are sent. What it throws keeps them from being sent. */
  readonly signed?: (raw: Hex) => void
}

/** Sends transactions of one key, one after the other, so that nonces never collide. */
export interface Sender {
  readonly address: Address
  /**
   * Simulates, signs, sends and waits for the receipt. The signed bytes are sent again when the RPC address fails in between.
   * @throws what the simulation throws (viem's ContractFunctionExecutionError with the contract's error);
   * NodeChainError REVERTED when the transaction is mined but fails, STOPPED after `stop()`.
   */
  send(call: ContractCall, options?: SendOptions): Promise<TransactionReceipt>
  /** Waits for what is under way and refuses what comes later. */
  stop(): Promise<void>
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

  async function sign(call: ContractCall, { gas }: SendOptions): Promise<Hex> {
    await client.simulateContract({ ...call, account })
    const nonce = await client.getTransactionCount({ address: account.address, blockTag: 'pending' })
    const data = encodeFunctionData(call)
    const request = await wallet.prepareTransactionRequest({
      ...{ account, chain, to: call.address, data, nonce },
      ...(gas === undefined ? {} : { gas }),
    })
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

  async function sendNow(call: ContractCall, options: SendOptions): Promise<TransactionReceipt> {
    const raw = await sign(call, options)
    options.signed?.(raw)
    const receipt = await submit(raw)
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
    send(call, options = {}) {
      if (stopped) return Promise.reject(new NodeChainError('The node is stopping', { code: 'STOPPED' }))
      const sent = tail.then(() => sendNow(call, options))
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
