import { type Hex, type LocalAccount, type PublicClient, size } from 'viem'
import {
  type BlockName,
  CHAIN_STATUS as STATUS,
  type ChainQuestion,
  type ChainReply,
  decodeQuestion,
  MAX_CHAIN_ANSWER_BYTES,
  NO_QUESTION,
  signAnswer,
} from '@teahouse/protocol/chain-relay'
import { blockRef } from '../chain/blocks.ts'
import type { BlockRef } from '../chain/head.ts'
import { Refusal } from '../net/index.ts'
import { tooLarge } from './evaluate.ts'

export type SignedReply = NonNullable<ChainReply['answer']>

export interface AnswersDeps {
  readonly account: LocalAccount
  readonly chainId: number
  readonly client: PublicClient
  readonly head: { readonly current: BlockRef }
  readonly evaluate: (question: ChainQuestion, number: bigint) => Promise<Hex>
  /** How many blocks back questions are answered, and how many answers are kept. */
  readonly maxAgeBlocks: number
  readonly keptAnswers: number
}

/** Room for what stands around an answer in its frame. */
const FRAME_BYTES = 18 * 1024
/** Larger ones are not kept. */
const KEPT_BYTES = 2 * 1024

/**
 * Answers questions about the chain, and signs each answer. The block is looked at before and after, so that a reorganisation in between
 * makes the node sign nothing that its chain does not say.
 */
export function signedAnswers(deps: AnswersDeps) {
  const { account, chainId, client, head, evaluate, maxAgeBlocks, keptAnswers } = deps
  const kept = new Map<string, Promise<SignedReply>>()

  async function find({ number, hash }: BlockName): Promise<BlockRef> {
    const newest = head.current
    if (hash === newest.hash && number === newest.number) return newest
    const found = newest.number - number > BigInt(maxAgeBlocks) ? undefined : await blockRef(client, number)
    if (found?.hash === hash) return found
    throw new Refusal(STATUS.notFound, 'NOT_FOUND: this block is not on the chain, too old, or not here yet')
  }

  async function sign(question: Hex, block: BlockRef): Promise<SignedReply> {
    const answer = question === NO_QUESTION ? '0x' : await evaluate(decodeQuestion(question), block.number)
    if (size(answer) > MAX_CHAIN_ANSWER_BYTES - FRAME_BYTES) throw tooLarge()
    if (question !== NO_QUESTION) await requireStands(block)
    const { number: blockNumber, hash: blockHash, timestamp } = block
    const statement = { blockNumber, blockHash, blockTime: BigInt(timestamp), question, answer }
    return { ...statement, signature: await signAnswer(account, chainId, statement) }
  }

  async function requireStands({ number, hash }: BlockRef): Promise<void> {
    if ((await blockRef(client, number))?.hash === hash) return
    throw new Refusal(STATUS.notFound, 'NOT_FOUND: the chain has just replaced this block')
  }

  /** The same answer for everybody who asks the same. */
  return async (question: Hex, at: BlockName | undefined): Promise<SignedReply> => {
    const block = at ? await find(at) : head.current
    const key = `${block.hash}${question}`
    const known = kept.get(key)
    if (known) return await known
    const signing = sign(question, block)
    if (size(question) <= KEPT_BYTES) kept.set(key, signing)
    if (kept.size > keptAnswers) kept.delete(kept.keys().next().value!)
    try {
      const signed = await signing
      if (size(signed.answer) > KEPT_BYTES) kept.delete(key)
      return signed
    } catch (error) {
      kept.delete(key)
      throw error
    }
  }
}
