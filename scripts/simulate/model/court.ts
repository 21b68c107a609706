import type { Assumed } from '../assumptions.ts'
import type { Facts } from '../facts.ts'
import { gasCost } from './money.ts'

/** Gas that the bond of a challenge is reckoned by: contracts/courts/RetrievalCourt.sol, `bondFor`. */
export function bondGas(leaves: number, { court }: Pick<Facts, 'court'>): number {
  const levels = Math.ceil(Math.log2(leaves))
  return court.bondFactor * (court.answerGas + court.answerGasPerLevel * levels)
}

export interface Case {
  /** Leaves of the content. */
  readonly leaves: number
  /** Tokens at stake. */
  readonly liability: number
  /** Part of the leaves that the node does not have. */
  readonly missing: number
}

/** What a client can expect of challenging, in tokens: the reward if the leaf is missing, else the bond is gone; and the gas. */
export function challengerGains(
  { leaves, liability, missing }: Case,
  facts: Facts,
  assumed: Assumed,
): number {
  const { gas, court } = facts
  const reward = liability * court.rewardShare - gasCost(gas.draw + gas.convict, assumed)
  const bond = gasCost(bondGas(leaves, facts), assumed)
  return missing * reward - (1 - missing) * bond - gasCost(gas.challenge, assumed)
}

/** What a node can expect to lose by what it dropped, in tokens, when a part `challenged` of such receipts is taken to court. */
export function dropperLoses({ liability, missing }: Case, challenged: number): number {
  return liability * missing * challenged
}

/** What an answer costs the node when fees are `rise` times what they were at the opening, in tokens; negative if the bond is more. */
export function answerCosts(leaves: number, rise: number, facts: Facts, assumed: Assumed): number {
  return gasCost(facts.gas.drawAndAnswer, assumed) * rise - gasCost(bondGas(leaves, facts), assumed)
}
