import { chainError } from '@teahouse/protocol/chain'
import {
  contentTree,
  leafCount,
  receiptId,
  type LeafProof,
  type StorageReceipt,
} from '@teahouse/protocol/receipts'
import type { Logger } from 'pino'
import { encodeAbiParameters, keccak256, type Hex } from 'viem'
import { lacksQuorum } from '../chain/errors.ts'
import type { BlockRef } from '../chain/head.ts'
import type { ChallengeBook, Ending } from './challenge-book.ts'
import type { ContentSource } from '../blob/index.ts'
import type { Challenged, CourtAnswer, CourtCase, CourtChain } from './court-chain.ts'
import type { Elsewhere } from './elsewhere.ts'

/** How far back the EVM knows the hash of a block that draws. */
const HASHES_KEPT = 256n
/** Challenges whose state is read at a time. */
const READ_AT_ONCE = 16

export interface AnswererDeps {
  readonly chain: CourtChain
  readonly book: Pick<ChallengeBook, 'open' | 'close'>
  /** The receipts of this node; those of others are in the transactions that challenge them. */
  readonly receipts: { find(id: Hex): StorageReceipt | undefined }
  readonly content: Pick<ContentSource, 'read'>
  /** Brings what is not there, for whom the node watches. */
  readonly elsewhere: Pick<Elsewhere, 'look'>
  /** The node's own operator: what it promised itself it has itself, or loses its stake. */
  readonly operator: number
  /** Challenges that one transaction answers at most. */
  readonly answersAtOnce: number
  /** The court's window, in seconds. */
  readonly window: number
  readonly signal: AbortSignal
  readonly log: Logger
}

/** Answers the challenges of the book. */
export interface Answerer {
  /** Answers what can be answered after this block, the next deadline first. Throws nothing: what fails is tried again at the next block. */
  step(head: BlockRef): Promise<void>
  /** Challenges that wait and can't be answered, for want of the content or of the receipt. */
  readonly unanswerable: number
}

interface Due extends CourtAnswer {
  readonly challenge: Challenged
  readonly deadline: number
}

export function createAnswerer(deps: AnswererDeps): Answerer {
  const { chain, book, receipts, content, elsewhere, answersAtOnce, window, signal, log } = deps
  const unanswerable = new Set<string>()

  const nameOf = ({ id, number }: Challenged) => `${id} ${number}`
  const fieldsOf = ({ id, number, operator }: Challenged) => ({ receipt: id, challenge: number, operator })

  async function receiptOf({ id, tx }: Challenged): Promise<StorageReceipt | undefined> {
    return receipts.find(id) ?? (await chain.receiptIn(tx, id))
  }

  /** What was promised, and its bytes; undefined if they are not here: what another operator promised, other nodes are asked for. */
  async function contentOf(
    challenge: Challenged,
  ): Promise<{ receipt: StorageReceipt; bytes: Uint8Array } | undefined> {
    const receipt = await receiptOf(challenge)
    const bytes = receipt && (await content.read(receipt.root))
    if (!bytes || BigInt(bytes.length) !== receipt.size) {
      if (!unanswerable.has(nameOf(challenge)))
        log.error({ ...fieldsOf(challenge), root: receipt?.root }, 'Can not answer: the content is not here')
      unanswerable.add(nameOf(challenge))
      const { operator, deadline } = challenge
      if (receipt && operator !== deps.operator)
        elsewhere.look({ ...receipt, operator, until: deadline + 2 * window })
      return undefined
    }
    unanswerable.delete(nameOf(challenge))
    return { receipt, bytes }
  }

  /** The leaf with its path; undefined if this node can't show it. */
  async function proofOf(
    challenge: Challenged,
    known: CourtCase,
  ): Promise<{ receipt: StorageReceipt; proof: LeafProof } | undefined> {
    const found = await contentOf(challenge)
    if (!found) return undefined
    const { receipt, bytes } = found
    const index = known.stage === 'drawn' ? known.index : await drawnBy(known.drawBlock, receipt)
    return index === undefined ? undefined : { receipt, proof: contentTree(bytes).answer(index) }
  }

  /** The leaf that the court will draw from the hash of this block. */
  async function drawnBy(drawBlock: bigint, receipt: StorageReceipt): Promise<number | undefined> {
    const block = await chain.block(drawBlock)
    return block && drawnLeaf(block.hash, receipt)
  }

  async function dueOf(challenge: Challenged, head: BlockRef): Promise<Due | undefined> {
    const known = await chain.caseOf(challenge.id)
    if (known.challenges !== challenge.number + 1 || isOver(known)) return await end(challenge, head)
    const { stage, drawBlock, deadline } = known
    const isDrawn = stage === 'drawn'
    if (head.timestamp > deadline || (!isDrawn && head.number > drawBlock + HASHES_KEPT)) {
      if (isDrawn && !unanswerable.has(nameOf(challenge))) {
        unanswerable.add(nameOf(challenge))
        log.error(fieldsOf(challenge), 'Too late to answer a challenge: it can be convicted')
      }
      return undefined
    }
    if (!isDrawn && head.number <= drawBlock) {
      await contentOf(challenge) // the sooner it is looked for, the more nodes still have it
      return undefined
    }
    const found = await proofOf(challenge, known)
    return found && { ...found, isDrawn, challenge, deadline }
  }

  /** Closes what is over, once no reorganisation can bring it back. */
  async function end(challenge: Challenged, head: BlockRef): Promise<undefined> {
    const { id, number, deadline, block } = challenge
    const final = await chain.finalCaseOf(id)
    if (!final) return undefined
    if (final.challenges <= number) {
      // It is on another branch, or will come again: then its event does, too.
      if (head.timestamp > deadline + window) close(challenge, 'undone')
      return undefined
    }
    if (final.challenges === number + 1 && !isOver(final)) return undefined
    const isAnswered = await chain.wasAnswered(id, block, head.number)
    const isConvicted = final.challenges === number + 1 && final.stage === 'convicted'
    close(challenge, isConvicted ? 'convicted' : isAnswered ? 'answered' : 'lapsed')
    return undefined
  }

  function close(challenge: Challenged, ending: Ending): void {
    unanswerable.delete(nameOf(challenge))
    book.close(challenge, ending)
    log[ending === 'convicted' ? 'error' : 'info'](
      { ...fieldsOf(challenge), ending },
      'A challenge has ended',
    )
  }

  async function send(batch: readonly Due[]): Promise<void> {
    const hash = await chain.answer(batch)
    for (const { challenge } of batch) log.info({ ...fieldsOf(challenge), hash }, 'Answered a challenge')
  }

  /** One that the court refuses does not keep the others of its transaction. */
  async function answer(batch: readonly Due[]): Promise<void> {
    try {
      await send(batch)
    } catch (err) {
      log.warn({ err, challenges: batch.length }, 'Could not answer; trying again')
      if (batch.length === 1 || isAway(err)) return
      for (const one of batch) if (!signal.aborted) await answer([one])
    }
  }

  async function look(challenge: Challenged, head: BlockRef): Promise<Due | undefined> {
    try {
      return await dueOf(challenge, head)
    } catch (err) {
      log.warn({ err, ...fieldsOf(challenge) }, 'Could not look after a challenge; trying again')
      return undefined
    }
  }

  return {
    async step(head) {
      const open = book.open()
      const due: Due[] = []
      for (let at = 0; at < open.length && !signal.aborted; at += READ_AT_ONCE) {
        const some = open.slice(at, at + READ_AT_ONCE)
        const found = await Promise.all(some.map((challenge) => look(challenge, head)))
        due.push(...found.filter((one) => one !== undefined))
      }
      due.sort((a, b) => a.deadline - b.deadline)
      for (let at = 0; at < due.length && !signal.aborted; at += answersAtOnce)
        await answer(due.slice(at, at + answersAtOnce))
    },
    get unanswerable() {
      return unanswerable.size
    },
  }
}

/** The leaf that RetrievalCourt.draw draws from the hash of its block. */
export function drawnLeaf(blockHash: Hex, receipt: StorageReceipt): number {
  const id = receiptId(receipt)
  const seed = keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'bytes32' }], [blockHash, id]))
  return Number(BigInt(seed) % BigInt(leafCount(receipt.size)))
}

/** Then there is no use in trying the same one by one. */
const isAway = (err: unknown): boolean => lacksQuorum(err) || chainError(err).code === 'UNREACHABLE'
const isOver = ({ stage }: CourtCase): boolean => stage === 'quiet' || stage === 'convicted'
