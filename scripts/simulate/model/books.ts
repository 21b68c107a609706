import type { Assumed } from '../assumptions.ts'
import type { Facts } from '../facts.ts'
import { feeIncome, stakeFor } from './income.ts'
import { gasCost, MONTH, pageCost } from './money.ts'

/** What an operator has to do in a month. */
export interface Load {
  readonly members: number
  /** Who pays by voucher; each is settled once a month. */
  readonly payers: number
  readonly pages: number
  /** Tokens a page; the stated price without it. */
  readonly price?: number
  /** Tokens a month; the stated value without it. */
  readonly machine?: number
}

/** An operator's month, in tokens. */
export interface Books {
  readonly fees: number
  readonly vouchers: number
  readonly machine: number
  readonly service: number
  readonly gas: number
  readonly capital: number
  readonly profit: number
  /** What it must have staked for these fees. */
  readonly stake: number
}

/** Gas that an operator spends once: to be created, to stake, to accept both courts, to be found, to have a membership of its own. */
export function setUpGas({ gas }: Pick<Facts, 'gas'>): number {
  return gas.createOperator + gas.stake + 2 * gas.setAdjudicator + gas.announce + gas.register
}

/** Tokens a month for being there at all, with the least stake. */
export function presenceCost(facts: Facts, assumed: Assumed): number {
  return capitalCost(facts.staking.minimum, assumed) + gasCost(setUpGas(facts) / assumed.lifetime, assumed)
}

/** Tokens a month for stake of this size. */
export const capitalCost = (stake: number, { interest }: Pick<Assumed, 'interest'>): number =>
  (stake * interest) / 12

/**
 * An honest operator's month. It claims the fees of each member once a term, a part of them every month so that its credit suffices,
 * and settles each payer once a month, both in batches.
 */
export function honestBooks(facts: Facts, assumed: Assumed, load: Load): Books {
  const { members, payers, pages, price = facts.price.page, machine = assumed.machine } = load
  const fees = members * feeIncome(assumed.limit, facts)
  const vouchers = pages * price
  const claims = (members * MONTH) / facts.membership.term
  const running = claims * facts.gas.claimEach + payers * facts.gas.collectEach
  const gas = gasCost(running + setUpGas(facts) / assumed.lifetime, assumed)
  const stake = stakeFor(fees, facts)
  const capital = capitalCost(stake, assumed)
  const service = pages * pageCost(assumed)
  const profit = fees + vouchers - machine - service - gas - capital
  return { fees, vouchers, machine, service, gas, capital, profit, stake }
}

/** An operator's equal share of the whole network's members, payers and pages. */
export function equalLoad(assumed: Assumed): Load {
  const members = assumed.clients / assumed.operators
  const payers = members * assumed.payingShare
  return { members, payers, pages: payers * assumed.paidPages }
}
