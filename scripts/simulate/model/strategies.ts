import type { Assumed } from '../assumptions.ts'
import { weightOf } from './selector.ts'

/**
 * What an operator may do. Away: no stake, nothing. Idle: keeps its stake and lives on members who have not left. Wash: serves, and
 * pays itself. Air: takes vouchers and serves nothing. Overcount: serves, and bills twice what it served. Kickback: serves nothing, and gives
 * half of the fee back to who names it.
 */
export const STRATEGIES = ['away', 'serve', 'idle', 'wash', 'air', 'overcount', 'kickback'] as const
export type Strategy = (typeof STRATEGIES)[number]

export interface Operator {
  /** How well it does what it does, around 1: members and payers come in proportion. */
  readonly quality: number
  /** Tokens a month. */
  readonly machine: number
  readonly strategy: Strategy
  /** Tokens a page. */
  readonly price: number
  readonly members: number
}

/** How many times what it served an operator that over-counts bills. */
const OVERCOUNT = 2

export const serves = ({ strategy }: Pick<Operator, 'strategy'>): boolean =>
  strategy === 'serve' || strategy === 'wash' || strategy === 'overcount'

export const sells = (operator: Pick<Operator, 'strategy'>): boolean =>
  serves(operator) || operator.strategy === 'air'

/** What a page that it serves brings. */
export const billed = ({ strategy, price }: Operator): number =>
  strategy === 'overcount' ? price * OVERCOUNT : price

/** The weight of an operator with clients that know it. */
export function knownWeight(operator: Operator, assumed: Assumed): number {
  if (!serves(operator)) return 0
  const record = operator.strategy === 'overcount' ? 1 / OVERCOUNT : 1
  return operator.quality * weightOf({ price: billed(operator), record }, assumed)
}

/** The weight of an operator with clients that look around: what it asks is all that they know. */
export function openWeight(operator: Operator, assumed: Assumed): number {
  return sells(operator) ? weightOf({ price: operator.price, record: 1 }, assumed) : 0
}
