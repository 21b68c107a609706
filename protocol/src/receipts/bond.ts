import { leafCount } from './content.ts'

/** Of RetrievalCourt: what an answer takes, for a tree of one leaf and for each level; and how many times the base fee of it a challenge brings. */
const ANSWER_GAS = 80_000n
const ANSWER_GAS_PER_LEVEL = 1_200n
const BOND_FACTOR = 3n

/**
 * Least bond in wei of a challenge that is mined in a block of this base fee: what RetrievalCourt.bondFor says there. Asked by a call, some
 * nodes answer for a base fee of 0.
 */
export function challengeBond(size: bigint, baseFee: bigint): bigint {
  const levels = BigInt(Math.ceil(Math.log2(leafCount(size))))
  return BOND_FACTOR * (ANSWER_GAS + ANSWER_GAS_PER_LEVEL * levels) * baseFee
}
