import type { Facts } from '../facts.ts'
import { MONTH } from './money.ts'

/** The income credit of an operator, as contracts/staking/IncomeCredit.sol keeps it: smallest units and unix seconds. */
export interface Bucket {
  readonly staked: bigint
  readonly credit: bigint
  readonly updated: bigint
}

export interface CreditRule {
  readonly creditSeconds: bigint
  readonly capDivisor: bigint
}

/** The bucket at `now`: stake × seconds ÷ `creditSeconds` more, up to the part of the stake that is the cap. Rounds down, as the contract. */
export function settled(bucket: Bucket, now: bigint, { creditSeconds, capDivisor }: CreditRule): Bucket {
  const { staked, credit, updated } = bucket
  const grown = credit + (staked * (now - updated)) / creditSeconds
  const cap = staked / capDivisor
  return { staked, credit: grown < cap ? grown : cap, updated: now }
}

/** Of `fee` a term, what streams from `from` to `to` (unix seconds), as contracts/membership/HomeFees.sol reckons. */
export function streamed(fee: bigint, from: bigint, to: bigint, term: bigint): bigint {
  return (fee * to) / term - (fee * from) / term
}

/** What a claim of so much earned fee pays, and what it burns; `burnDivisor` as in HomeFees.sol. */
export function split(
  earned: bigint,
  burnDivisor: bigint,
): { readonly paid: bigint; readonly burned: bigint } {
  const burned = earned / burnDivisor
  return { paid: earned - burned, burned }
}

/** Tokens a month that a home operator gets for a member of this limit, before the cap. */
export function feeIncome(limit: number, { membership }: Pick<Facts, 'membership'>): number {
  const { feePerMessage, term, burnDivisor } = membership
  return limit * feePerMessage * (MONTH / term) * (1 - 1 / burnDivisor)
}

/** Tokens a month of fees that a stake lets through for good. */
export function steadyCap(stake: number, { staking }: Pick<Facts, 'staking'>): number {
  return stake * (MONTH / staking.creditSeconds)
}

/** The least stake that lets through so many tokens of fees a month, and that an operator must have at all. */
export function stakeFor(monthly: number, { staking }: Pick<Facts, 'staking'>): number {
  return Math.max(staking.minimum, monthly / steadyCap(1, { staking }))
}

/** The most that a stake lets through in any so many seconds: a full bucket, and what flows in. */
export function mostIn(seconds: number, stake: number, { staking }: Pick<Facts, 'staking'>): number {
  return stake / staking.capDivisor + (stake * seconds) / staking.creditSeconds
}
