import type { LeafProof, StorageReceipt } from '@teahouse/protocol/receipts'
import { abis } from '@teahouse/protocol/chain'
import { receiptId } from '@teahouse/protocol/receipts'
import { decodeFunctionData, encodeFunctionData, type Address, type Hex, type PublicClient } from 'viem'
import { blockRef } from '../chain/blocks.ts'
import { readFinal } from '../chain/final.ts'
import type { Sender } from '../chain/sender.ts'

/** A block by number and hash. */
export interface BlockMark {
  readonly number: bigint
  readonly hash: Hex
}

/** A challenge as its event tells it. */
export interface Challenged {
  /** Of the receipt. */
  readonly id: Hex
  /** How many challenges of the receipt were before. */
  readonly number: number
  readonly operator: number
  /** Last unix second to draw. */
  readonly deadline: number
  /** The transaction that opened it, and its block. */
  readonly tx: Hex
  readonly block: bigint
}

/** Where a receipt stands: IRetrievalCourt.Case. */
export interface CourtCase {
  readonly stage: 'quiet' | 'open' | 'drawn' | 'convicted'
  readonly drawBlock: bigint
  readonly index: number
  /** Last unix second to draw, or to answer. */
  readonly deadline: number
  /** How many challenges were opened. */
  readonly challenges: number
}

/** An answer to a challenge; one that is not drawn is drawn first, in the same transaction. */
export interface CourtAnswer {
  readonly receipt: StorageReceipt
  readonly proof: LeafProof
  readonly isDrawn: boolean
}

/** What a node does before the retrieval court. Throws what viem and the sender throw. */
export interface CourtChain {
  challenged(operators: readonly number[], from: bigint, to: bigint): Promise<Challenged[]>
  block(number: bigint): Promise<BlockMark | undefined>
  caseOf(id: Hex): Promise<CourtCase>
  /** The same, so many blocks ago that it is final; undefined while the chain is shorter. */
  finalCaseOf(id: Hex): Promise<CourtCase | undefined>
  /** The receipt that a transaction challenged, if it called the court itself. */
  receiptIn(tx: Hex, id: Hex): Promise<StorageReceipt | undefined>
  /** Whether a challenge of the receipt was answered in these blocks. */
  wasAnswered(id: Hex, from: bigint, to: bigint): Promise<boolean>
  /** Answers all of them, or none. */
  answer(answers: readonly CourtAnswer[]): Promise<Hex>
}

const STAGES = ['quiet', 'open', 'drawn', 'convicted'] as const

export function courtChain(
  client: PublicClient,
  court: Address,
  sender: Pick<Sender, 'send'>,
  confirmations: number,
): CourtChain {
  const contract = { address: court, abi: abis.RetrievalCourt } as const

  async function caseOf(id: Hex, at: { blockNumber?: bigint } = {}): Promise<CourtCase> {
    const found = await client.readContract({ ...contract, functionName: 'caseOf', args: [id], ...at })
    const { stage, drawBlock, index, deadline, challenges } = found
    return {
      stage: STAGES[stage] ?? 'quiet',
      drawBlock: BigInt(drawBlock),
      index: Number(index),
      deadline,
      challenges,
    }
  }

  return {
    async challenged(operators, fromBlock, toBlock) {
      const events = await client.getContractEvents({
        ...contract,
        eventName: 'Challenged',
        args: { operator: [...operators] },
        fromBlock,
        toBlock,
        strict: true,
      })
      return events.map(({ args, transactionHash: tx, blockNumber: block }) => {
        const { id, number, operator, drawDeadline: deadline } = args
        return { id, number, operator, deadline, tx, block }
      })
    },
    block: (number) => blockRef(client, number),
    caseOf,
    finalCaseOf: (id) => readFinal(client, confirmations, (blockNumber) => caseOf(id, { blockNumber })),
    async receiptIn(hash, id) {
      const { input } = await client.getTransaction({ hash })
      const receipt = receiptOf(input)
      return receipt && receiptId(receipt) === id ? receipt : undefined
    },
    async wasAnswered(id, fromBlock, toBlock) {
      const range = { args: { id }, fromBlock, toBlock }
      return (await client.getContractEvents({ ...contract, eventName: 'Answered', ...range })).length > 0
    },
    async answer(answers) {
      const calls = answers.flatMap(callsOf)
      const { transactionHash } = await sender.send({
        ...contract,
        functionName: 'multicall',
        args: [calls],
      })
      return transactionHash
    },
  }
}

function callsOf({ receipt, proof, isDrawn }: CourtAnswer): Hex[] {
  const abi = abis.RetrievalCourt
  const { leaf, path } = proof
  const draw = encodeFunctionData({ abi, functionName: 'draw', args: [receipt] })
  const answer = encodeFunctionData({ abi, functionName: 'answer', args: [receipt, leaf, path] })
  return isDrawn ? [answer] : [draw, answer]
}

/** The receipt of a call of the court; undefined for any other input. */
export function receiptOf(input: Hex): StorageReceipt | undefined {
  try {
    const { functionName, args } = decodeFunctionData({ abi: abis.RetrievalCourt, data: input })
    if (functionName === 'challenge' || functionName === 'challengeFor') return args[0]
  } catch {
    // Another contract passed the challenge on.
  }
  return undefined
}
