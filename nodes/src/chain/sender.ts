import { setTimeout as sleep } from 'node:timers/promises'
import { withGasMargin } from '@teahouse/protocol/chain'
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
import { isKnown, isUnderpriced } from './refusals.ts'

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
  /** Given the signed bytes before they are sent, and those of a replacement. What it throws keeps them from being sent. */
  readonly signed?: (raw: Hex) => void
}

/** Sends transactions of one key, one after the other, so that nonces never collide. */
export interface Sender {
  readonly address: Address
  /**
   * Simulates, signs, sends and waits for the receipt. The signed bytes are sent again when the RPC address fails in between;
   * what is not mined within the timeout is replaced, under the same nonce, by the same call that pays more. What a former run has left
   * unmined gets that time too; then the first call takes its place.
   * @throws what the simulation throws (viem's ContractFunctionExecutionError with the contract's error);
   * NodeChainError REVERTED when the transaction is mined but fails, STOPPED after `stop()`.
   */
  send(call: ContractCall, options?: SendOptions): Promise<TransactionReceipt>
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
/** Milliseconds between two looks for what a former run has sent. */
const LOOK_MS = 250
/** How often a transaction is replaced before it is given up; the next call then takes its nonce. */
const REPLACEMENTS = 4
/** How many times what is usual is paid at most to take the place of one that was given up. */
const HIGHEST_FEE_FACTOR = 10n

interface Request {
  readonly to: Address
  readonly data: Hex
  readonly nonce: number
  readonly gas: bigint
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
}

type Placed = Pick<Request, 'nonce' | 'maxFeePerGas' | 'maxPriorityFeePerGas'>

interface Signed {
  readonly request: Request
  readonly raw: Hex
  readonly hash: Hex
}

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
  /** The newest that was given up; it may be mined yet, and what comes after it waits for it. */
  let stuck: Placed | undefined
  /** Whether nothing of a former run can be unmined any more, or it is `stuck`. */
  let hasLookedBack = false
  const counted = tally<'mined' | 'reverted' | 'failed'>()
  let feesWei = 0n

  async function sign(call: ContractCall, limits: SendOptions): Promise<Signed> {
    await client.simulateContract({ ...call, account })
    const nonce = await nextNonce()
    const data = encodeFunctionData(call)
    const { gas, ...rest } = await wallet.prepareTransactionRequest({
      ...{ account, chain, to: call.address, data, nonce },
      type: 'eip1559',
      ...(limits.gas === undefined ? {} : { gas: limits.gas }),
    })
    const over = (usual: bigint, fee = 0n) => max(usual, min(raised(fee), usual * HIGHEST_FEE_FACTOR))
    const maxFeePerGas = over(rest.maxFeePerGas, stuck?.maxFeePerGas)
    const maxPriorityFeePerGas = over(rest.maxPriorityFeePerGas, stuck?.maxPriorityFeePerGas)
    const given = limits.gas ?? withGasMargin(gas)
    return await signed({ to: call.address, data, nonce, gas: given, maxFeePerGas, maxPriorityFeePerGas })
  }

  /** That of what was given up, while it is not mined: the next call takes its place. */
  async function nextNonce(): Promise<number> {
    if (!hasLookedBack) await lookBack()
    if (stuck) {
      if ((await countAt('latest')) <= stuck.nonce) return stuck.nonce
      stuck = undefined
    }
    return await countAt('pending')
  }

  const countAt = (blockTag: 'latest' | 'pending') =>
    client.getTransactionCount({ address: account.address, blockTag })

  /** Waits for what a former run has sent. What it pays nobody knows, so its place is bid for from the usual price on. */
  async function lookBack(): Promise<void> {
    const sent = await countAt('pending')
    const end = performance.now() + receiptTimeoutMs
    for (;;) {
      const nonce = await countAt('latest')
      if (nonce >= sent) break
      if (performance.now() >= end) {
        log.warn({ nonce }, 'A transaction of a former run is not mined; the next one takes its place')
        stuck = { nonce, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n }
        break
      }
      if (stopped) throw stopping()
      await sleep(LOOK_MS)
    }
    hasLookedBack = true
  }

  async function signed(request: Request): Promise<Signed> {
    const raw = await account.signTransaction({ ...request, chainId: chain.id, type: 'eip1559' })
    return { request, raw, hash: keccak256(raw) }
  }

  /** The same call under the same nonce: one of the two is mined. Pays what is usual now, and enough more to take the place. */
  async function replacement({ request }: Signed): Promise<Signed> {
    const now = await client.estimateFeesPerGas({ chain, type: 'eip1559' })
    return await signed({
      ...request,
      maxFeePerGas: max(now.maxFeePerGas, raised(request.maxFeePerGas)),
      maxPriorityFeePerGas: max(now.maxPriorityFeePerGas, raised(request.maxPriorityFeePerGas)),
    })
  }

  /** Sending the same signed bytes twice is harmless; the receipt of any of them decides. */
  async function submit(sent: readonly Signed[]): Promise<TransactionReceipt> {
    const { raw, hash } = sent.at(-1)!
    for (let attempt = 1; ; attempt++) {
      try {
        await client.sendRawTransaction({ serializedTransaction: raw }).catch((cause: unknown) => {
          const isFirst = sent.length === 1
          if (isFirst && stuck && isUnderpriced(cause)) throw cause
          if (isKnown(cause)) return
          if (isFirst) throw cause
          log.warn({ err: cause, hash }, 'Could not send a replacement; waiting for what was sent before')
        })
        return await firstOf(sent.map((one) => receiptOf(one.hash)))
      } catch (cause) {
        const isLate = cause instanceof WaitForTransactionReceiptTimeoutError
        if (stopped || attempt >= SEND_ATTEMPTS || isLate || (stuck && isUnderpriced(cause))) throw cause
        log.warn({ err: cause, hash, attempt }, 'Sending a transaction again')
        await sleep(500 * 2 ** attempt)
      }
    }
  }

  function receiptOf(hash: Hex): Promise<TransactionReceipt> {
    return client.waitForTransactionReceipt({
      hash,
      timeout: receiptTimeoutMs,
      pollingInterval: 250,
      checkReplacement: false, // another transaction's receipt would be told as this one's
    })
  }

  /** Replaces what is not mined in time, since fees have risen, by the same call for more. */
  async function mine(call: ContractCall, options: SendOptions): Promise<TransactionReceipt> {
    const sent = [await sign(call, options)]
    options.signed?.(sent[0]!.raw)
    for (let replaced = 0; ; replaced++) {
      try {
        const receipt = await submit(sent)
        stuck = undefined
        return receipt
      } catch (cause) {
        const isLate = cause instanceof WaitForTransactionReceiptTimeoutError
        const isOutbid = !isLate && stuck !== undefined && isUnderpriced(cause)
        if (isLate || isOutbid) stuck = sent.at(-1).request
        if (!(isLate || isOutbid) || stopped || replaced >= REPLACEMENTS) throw cause
        // What was not even taken is no longer waited for.
        if (isOutbid) sent.splice(0, sent.length, await bid(sent[0]!, options))
        else await replace(sent, options)
      }
    }
  }

  /** The same for twice as much, to take the place of what is stuck. */
  async function bid({ request }: Signed, options: SendOptions): Promise<Signed> {
    const [maxFeePerGas, maxPriorityFeePerGas] = [
      2n * request.maxFeePerGas,
      2n * request.maxPriorityFeePerGas,
    ]
    const next = await signed({ ...request, maxFeePerGas, maxPriorityFeePerGas })
    options.signed?.(next.raw)
    return next
  }

  /** Adds a replacement to what was sent; without one, what was sent is still waited for. */
  async function replace(sent: Signed[], options: SendOptions): Promise<void> {
    const last = sent.at(-1)
    try {
      const next = await replacement(last)
      options.signed?.(next.raw)
      sent.push(next)
      log.warn({ replaced: last.hash, hash: next.hash }, 'Replacing a transaction by one that pays more')
    } catch (err) {
      log.warn({ err, hash: last.hash }, 'Could not replace a transaction; waiting for it')
    }
  }

  async function sendNow(call: ContractCall, options: SendOptions): Promise<TransactionReceipt> {
    const receipt = await mine(call, options).catch((err: unknown) => {
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
    send(call, options = {}) {
      if (stopped) return Promise.reject(stopping())
      const sent = tail.then(() => sendNow(call, options))
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

const stopping = () => new NodeChainError('The node is stopping', { code: 'STOPPED' })

const max = (a: bigint, b: bigint) => (a > b ? a : b)
const min = (a: bigint, b: bigint) => (a < b ? a : b)
/** A quarter more: nodes ask for an eighth at least. */
const raised = (fee: bigint) => fee + fee / 4n + 1n

/** The first that succeeds; if none does, why the last one did not. */
async function firstOf<T>(attempts: readonly Promise<T>[]): Promise<T> {
  try {
    return await Promise.any(attempts)
  } catch (cause) {
    throw cause instanceof AggregateError ? cause.errors.at(-1) : cause
  }
}
