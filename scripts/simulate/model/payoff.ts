import type { Assumed } from '../assumptions.ts'
import type { Facts } from '../facts.ts'
import { joined, membersOf, rebateOf, type Field } from './field.ts'
import { feeIncome, stakeFor } from './income.ts'
import { gasCost, MONTH } from './money.ts'
import { capitalCost, honestBooks, setUpGas } from './books.ts'
import { billed, knownWeight, openWeight, type Operator } from './strategies.ts'

export interface Others {
  /** Everybody else. */
  readonly field: Field
  readonly facts: Facts
  readonly assumed: Assumed
}

/** Tokens a month, on average over the horizon, of an operator that does what it says from now on. */
export function payoffOf(operator: Operator, { field: rest, facts, assumed }: Others): number {
  const { strategy } = operator
  if (strategy === 'away') return 0
  const field = joined(rest, operator, assumed)
  const members = membersOver(operator.members, membersOf(operator, field, facts, assumed), assumed)
  const fees = members * feeIncome(assumed.limit, facts)
  if (strategy === 'serve' || strategy === 'overcount' || strategy === 'wash') {
    const pages = pagesOf(operator, field, assumed)
    const payers = pages / assumed.paidPages
    const { machine } = operator
    const { profit } = honestBooks(facts, assumed, {
      members,
      payers,
      pages,
      price: billed(operator),
      machine,
    })
    // Paying itself as much as others pay it: all of it comes back but the part that is burned.
    return strategy === 'wash' ? profit - fees / facts.membership.burnDivisor : profit
  }
  const claims = (members * MONTH) / facts.membership.term
  const gas = gasCost(claims * facts.gas.claimEach + setUpGas(facts) / assumed.lifetime, assumed)
  const kept = fees - gas - capitalCost(stakeFor(fees, facts), assumed)
  if (strategy === 'kickback') return kept - members * rebateOf(facts, assumed)
  return strategy === 'air' ? kept + airSales(operator, field, assumed) : kept
}

/** The mean over the horizon of a number of members that goes from `now` towards `end`, a part of the way each month. */
export function membersOver(
  now: number,
  end: number,
  { horizon, reviewing }: Pick<Assumed, 'horizon' | 'reviewing'>,
): number {
  return end + ((now - end) * (1 - (1 - reviewing) ** horizon)) / (horizon * reviewing)
}

/** Paid pages a month: of those who know it, and of those who look around. */
function pagesOf(operator: Operator, field: Field, assumed: Assumed): number {
  const { clients, payingShare, paidPages, exploring } = assumed
  const regular = (1 - exploring) * (knownWeight(operator, assumed) / field.known)
  const curious = exploring * (openWeight(operator, assumed) / field.open)
  return clients * payingShare * paidPages * (regular + curious)
}

/** A client comes while it has no record of the node, and again when it has forgotten. */
function airSales(operator: Operator, field: Field, assumed: Assumed): number {
  const { clients, payingShare, paidPages, exploring, forgetting } = assumed
  const tries = exploring * paidPages * (openWeight(operator, assumed) / field.open)
  return (clients * payingShare * tries * operator.price) / (1 + forgetting * tries)
}
