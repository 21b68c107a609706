import { blockKey } from './answers.ts'
import type { BlockRef } from './head.ts'

/** Somebody who tells of a chain. */
export interface Voter {
  readonly head: BlockRef
  /** Its block of a number up to that of its head; undefined if it does not say. */
  blockAt(number: bigint): Promise<BlockRef | undefined>
}

/** The newest block that enough voters have, and who has it or another one in its place. Voters that are behind it are in neither list. */
export interface Agreement<V> {
  readonly block: BlockRef
  readonly agree: readonly V[]
  readonly contradict: readonly V[]
}

/**
 * Finds the newest block that `quorum` voters have. Endpoints are a block or two apart all the time, and at the tip they may be on
 * different branches, so it goes down from the highest number that a quorum has reached, at most `depth` blocks below the lowest head.
 */
export async function agreedBlock<V extends Voter>(
  voters: readonly V[],
  quorum: number,
  depth: number,
): Promise<Agreement<V> | undefined> {
  for (const number of candidates(voters, quorum, depth)) {
    const reached = voters.filter(({ head }) => head.number >= number)
    const blocks = await Promise.all(reached.map((voter) => voter.blockAt(number)))
    const groups = Map.groupBy(
      reached.flatMap((voter, at) => (blocks[at] ? [{ voter, block: blocks[at] }] : [])),
      ({ block }) => blockKey(block),
    )
    const largest = [...groups.values()].sort((a, b) => b.length - a.length)[0]
    if (!largest || largest.length < quorum) continue
    const agree = largest.map(({ voter }) => voter)
    const contradict = [...groups.values()]
      .filter((group) => group !== largest)
      .flatMap((group) => group.map(({ voter }) => voter))
    return { block: largest[0]!.block, agree, contradict }
  }
  return undefined
}

/** Numbers to try, highest first: heads, then below the lowest head in steps that double. */
function* candidates(voters: readonly Voter[], quorum: number, depth: number): Generator<bigint> {
  const numbers = voters.map(({ head }) => head.number).sort((a, b) => (a < b ? 1 : -1))
  if (numbers.length < quorum) return
  yield* new Set(numbers.slice(quorum - 1))
  const lowest = numbers.at(-1)
  for (let below = 1n; below <= BigInt(depth) && below <= lowest; below *= 2n) yield lowest - below
}
