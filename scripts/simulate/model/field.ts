import type { Assumed } from '../assumptions.ts'
import type { Facts } from '../facts.ts'
import { feeIncome } from './income.ts'
import { knownWeight, openWeight, serves, type Operator } from './strategies.ts'

/** All operators together, as each of them sees them: sums of their weights. */
export interface Field {
  /** As homes that serve, and as homes that give a part of the fee back. */
  readonly home: number
  readonly kickback: number
  /** With paying clients that know a node, and with those that look around. */
  readonly known: number
  readonly open: number
}

export const NOBODY: Field = { home: 0, kickback: 0, known: 0, open: 0 }

/** The field with `operator` in it (`times` 1), or without it (-1). */
export function joined(field: Field, operator: Operator, assumed: Assumed, times: 1 | -1 = 1): Field {
  return {
    home: field.home + times * (serves(operator) ? operator.quality : 0),
    kickback: field.kickback + times * (operator.strategy === 'kickback' ? operator.quality : 0),
    known: field.known + times * knownWeight(operator, assumed),
    open: field.open + times * openWeight(operator, assumed),
  }
}

/** What somebody gives back who gives fees back: half, in tokens a month for each member. */
export const rebateOf = (facts: Facts, { limit }: Assumed): number => feeIncome(limit, facts) / 2

/** Part of the members who take the rebate: those to whom the quota of a serving home is worth less. */
export function takers(rebate: number, { quotaWorth }: Pick<Assumed, 'quotaWorth'>): number {
  return 1 - Math.exp(-rebate / quotaWorth)
}

/** Members that an operator ends up with if nothing changes; it must be in the field. */
export function membersOf(operator: Operator, field: Field, facts: Facts, assumed: Assumed): number {
  const taken = field.kickback > 0 ? assumed.clients * takers(rebateOf(facts, assumed), assumed) : 0
  if (operator.strategy === 'kickback') return (taken * operator.quality) / field.kickback
  return serves(operator) ? ((assumed.clients - taken) * operator.quality) / field.home : 0
}
