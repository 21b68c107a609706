import type { Logger } from 'pino'
import { isBehind, type BlockRef } from '../chain/head.ts'
import type { ChallengeBook } from './challenge-book.ts'
import type { CourtChain } from './court-chain.ts'

export interface FollowDeps {
  readonly chain: Pick<CourtChain, 'challenged' | 'block'>
  readonly book: Pick<ChallengeBook, 'readTo' | 'note'>
  /** Whose challenges. */
  readonly operators: readonly number[]
  /** The block of the deployment. */
  readonly fromBlock: bigint
  /** Blocks a log query. */
  readonly blockRange: bigint
  /** Blocks that are read again with each new one, since a reorganisation may have changed them; and after a longer one. */
  readonly confirmations: bigint
  readonly tailBlocks: bigint
  readonly log: Logger
}

/**
 * Reads the challenges up to `head` into the book, each block that is not final again and again. Stops anywhere and goes on from there. Throws what
 * the chain and the book throw.
 */
export async function readChallenges(head: BlockRef, deps: FollowDeps): Promise<void> {
  const { chain, book, operators, fromBlock, blockRange, log } = deps
  if (operators.length === 0) return
  const mark = book.readTo()
  let from = fromBlock
  if (mark) {
    const isKnown = async () => isBehind(head, mark) ?? (await chain.block(mark.number))?.hash === mark.hash
    const isSame = mark.number <= head.number && (await isKnown())
    if (!isSame) log.warn({ block: Number(mark.number) }, 'Reads challenges again after a reorganisation')
    const again = isSame ? deps.confirmations : deps.tailBlocks
    from = larger(fromBlock, smaller(mark.number, head.number) - again)
  }
  for (; from <= head.number; from += blockRange) {
    const to = smaller(from + blockRange - 1n, head.number)
    const found = await chain.challenged(operators, from, to)
    const end = to === head.number ? head : await chain.block(to)
    if (!end) return // The chain became shorter; the next head begins there.
    book.note(found, { number: to, hash: end.hash })
  }
}

const smaller = (a: bigint, b: bigint) => (a < b ? a : b)
const larger = (a: bigint, b: bigint) => (a > b ? a : b)
