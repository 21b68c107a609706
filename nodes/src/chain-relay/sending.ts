import {
  type Abi,
  type Hex,
  keccak256,
  parseTransaction,
  type PublicClient,
  type TransactionReceipt,
} from 'viem'
import type { Logger } from 'pino'
import { abis, revertData } from '@teahouse/protocol/chain'
import type { RelayedAction } from '@teahouse/protocol/chain-relay'
import { NodeChainError } from '../chain/errors.ts'
import type { Sender } from '../chain/sender.ts'
import type { ActionBook, BookedAction } from './book.ts'
import { Reverts } from './simulate.ts'

export interface SendingDeps {
  readonly sender: Pick<Sender, 'send' | 'address'>
  readonly client: Pick<PublicClient, 'request' | 'sendRawTransaction'>
  readonly book: ActionBook
  readonly log: Logger
  /** Unix seconds. */
  readonly seconds: () => number
}

/** How a transaction ended. */
export interface Ending {
  readonly id: Hex
  readonly success: boolean
  /** In wei, by the highest fee that the transaction allowed. */
  readonly cost: bigint
}

type Mined = Pick<TransactionReceipt, 'gasUsed' | 'status' | 'transactionHash'>

/** A transaction of which nothing was seen for so long may have been replaced. */
const LOST_SECONDS = 120

/** Sends booked actions, and finds out what became of them. */
export function actionSending({ sender, client, book, log, seconds }: SendingDeps) {
  /** Of all that were signed, the receipt's transaction is the one that was mined. */
  function finish(action: BookedAction, receipt: Mined): Ending {
    const { id, raws } = action
    const raw = raws.find((one) => keccak256(one) === receipt.transactionHash) ?? raws.at(-1)
    const { maxFeePerGas = 0n } = raw ? parseTransaction(raw) : {}
    const cost = receipt.gasUsed * maxFeePerGas
    const success = receipt.status === 'success'
    const hash = raw && keccak256(raw)
    book.put({ ...action, state: success ? 'mined' : 'reverted', cost, hash })
    return { id, success, cost }
  }

  /** The receipt as the chain has it now. */
  async function receiptOf(hash: Hex): Promise<Mined | undefined> {
    const raw = await client.request({ method: 'eth_getTransactionReceipt', params: [hash] })
    if (!raw) return undefined
    const status = raw.status === '0x1' ? 'success' : 'reverted'
    return { gasUsed: BigInt(raw.gasUsed), status, transactionHash: hash }
  }

  /** The receipt of whichever of the transactions was mined. */
  async function receiptOfAny(raws: readonly Hex[]): Promise<Mined | undefined> {
    const found = await Promise.all(raws.map((raw) => receiptOf(keccak256(raw))))
    return found.find((receipt) => receipt !== undefined)
  }

  /** Whether another transaction of the node has taken its nonce. */
  async function isReplaced(raw: Hex): Promise<boolean> {
    const { nonce = 0 } = parseTransaction(raw)
    const params: [Hex, 'latest'] = [sender.address, 'latest']
    return BigInt(await client.request({ method: 'eth_getTransactionCount', params })) > BigInt(nonce)
  }

  /**
   * Sends a booked action in its turn; `signed` is called once its transaction is signed and on disk. Resolves to how it ended;
   * undefined if nobody knows yet. Throws if nothing was sent, and then the book has nothing of it: Reverts, what the sender throws.
   */
  async function send(
    { id, contract, call }: RelayedAction,
    signed: () => void = () => undefined,
  ): Promise<Ending | undefined> {
    const wasSigned = (raw: Hex): void => {
      const action = book.find(id)!
      const { gas = action.gas, maxFeePerGas = 0n } = parseTransaction(raw)
      const raws = [...action.raws, raw]
      book.put({ ...action, state: 'sent', hash: keccak256(raw), raws, cost: gas * maxFeePerGas })
      signed()
    }
    const booked = book.find(id)!
    try {
      const target = { address: booked.target, abi: abis[contract] as Abi }
      const receipt = await sender.send({ ...target, ...call }, { gas: booked.gas, signed: wasSigned })
      return finish(book.find(id)!, receipt)
    } catch (error) {
      const action = book.find(id)
      if (action?.hash === undefined) {
        book.remove(id)
        const revert = revertData(error)
        throw revert === undefined ? error : new Reverts(revert, error)
      }
      if (!(error instanceof NodeChainError && error.detail.code === 'REVERTED')) {
        log.warn({ err: error, hash: action.hash }, 'Sent an action and saw nothing of it yet')
        return undefined
      }
      const transactionHash = error.detail.hash as Hex
      const failed: Mined = { status: 'reverted', gasUsed: action.gas, transactionHash }
      const receipt = await receiptOf(transactionHash).catch(() => undefined)
      return finish(action, receipt ?? failed)
    }
  }

  return {
    send,
    /** Looks what became of an action that was sent: how it ended, if it has just been seen to end. Throws what viem throws. */
    async look(action: BookedAction): Promise<Ending | undefined> {
      const { raws, state, at } = action
      const [raw] = raws
      if (state !== 'sent' || raw === undefined) return undefined
      // Asked first: what is mined in between has a receipt.
      const replaced = seconds() - at > LOST_SECONDS && (await isReplaced(raw))
      const receipt = await receiptOfAny(raws)
      if (receipt) return finish(action, receipt)
      if (replaced) book.put({ ...action, state: 'lost' })
      return undefined
    },
    /** Sends the signed bytes again: harmless, and needed after a restart. */
    async sendAgain({ raws, hash }: BookedAction): Promise<void> {
      const raw = raws.at(-1)
      if (raw === undefined) return
      await client
        .sendRawTransaction({ serializedTransaction: raw })
        .catch((err: unknown) => log.debug({ err, hash }, 'The chain did not take a transaction again'))
    },
  }
}
