import type { DealTerms } from './terms.ts'

/** Where a deal is on chain: what `Escrow.deal` says, by name. */
export interface DealView {
  readonly state: 'none' | 'offered' | 'funded' | 'challenged' | 'disputed' | 'closed'
  /** True if the payee is the one who disputed. */
  readonly byPayee: boolean
  /** Unix seconds until which the payee may accept, the other side answer, or the arbiter rule; 0 in other states. */
  readonly endsAt: number
  /** What the deal still holds, smallest units. */
  readonly left: bigint
}

/** Who gets what when a deal closes, in smallest units, bonds apart. */
export interface Payout {
  readonly payer: bigint
  readonly payee: bigint
  readonly arbiter: bigint
  readonly app: bigint
  /** What goes back to whoever deposited the bonds of the two sides; 0 where nobody did. */
  readonly payerBond: bigint
  readonly payeeBond: bigint
}

/** A way in which a deal closes. `total`: what the payee shall have got of the pot in all; `payeeAmount`: of what is left now. */
export type Closing =
  | { readonly by: 'release' | 'refund' | 'expire' }
  | { readonly by: 'settle' | 'evaluate'; readonly total: bigint }
  | { readonly by: 'rule'; readonly payeeAmount: bigint }

const BPS = 10_000n

/** Basis points of an amount, rounded down. */
export const share = (amount: bigint, bps: number): bigint => (amount * BigInt(bps)) / BPS

/** All that a deal holds once both sides have locked their part. */
export const potOf = ({ amount, collateral }: DealTerms): bigint => amount + collateral

/** What the payee has got before. */
export const paidOf = (terms: DealTerms, { left, state }: DealView): bigint =>
  (state === 'offered' ? terms.amount : potOf(terms)) - left

/** The app fee on the next `part` if `paid` went to the payee before: of what is above its own collateral. */
export function appFeeOf({ collateral, appFeeBps }: DealTerms, paid: bigint, part: bigint): bigint {
  const earned = (total: bigint): bigint => (total > collateral ? total - collateral : 0n)
  return share(earned(paid + part), appFeeBps) - share(earned(paid), appFeeBps)
}

/** What a part before the end pays, that brings the payee to `total`. */
export function partOf(terms: DealTerms, view: DealView, total: bigint) {
  const paid = paidOf(terms, view)
  const app = appFeeOf(terms, paid, total - paid)
  return { payee: total - paid - app, app, left: potOf(terms) - total }
}

/** What a ruling costs now, and what the arbiter may then split. */
export function rulingOf({ bond, arbiterFee }: DealTerms, { left }: DealView) {
  if (bond > 0n) return { fee: arbiterFee, available: left }
  const fee = arbiterFee > left ? left : arbiterFee
  return { fee, available: left - fee }
}

/** What the contract pays if a deal that stands like this closes like that. Says nothing about whether it may. */
export function payoutOf(terms: DealTerms, view: DealView, closing: Closing): Payout {
  const { payee, arbiter = 0n, app = 0n } = sharesOf(terms, view, closing)
  const payer = view.left - payee - app - (terms.bond === 0n ? arbiter : 0n)
  return { payer, payee, arbiter, app, ...bondsOf(terms, view, payee, arbiter) }
}

interface Shares {
  readonly payee: bigint
  readonly arbiter?: bigint
  readonly app?: bigint
}

function sharesOf(terms: DealTerms, view: DealView, closing: Closing): Shares {
  const paid = paidOf(terms, view)
  switch (closing.by) {
    case 'refund':
      return { payee: 0n }
    case 'release':
      return earned(terms, view, view.left)
    case 'settle':
      return { payee: closing.total - paid }
    case 'evaluate':
      return earned(terms, view, closing.total - paid)
    case 'rule':
      return { payee: closing.payeeAmount, arbiter: rulingOf(terms, view).fee }
    case 'expire':
      return expired(terms, view)
  }
}

/** An app gets its fee of what the payee earns undisputed. */
function earned(terms: DealTerms, view: DealView, part: bigint): Shares {
  const app = view.state === 'funded' ? appFeeOf(terms, paidOf(terms, view), part) : 0n
  return { payee: part - app, app }
}

function expired(terms: DealTerms, view: DealView): Shares {
  if (view.state === 'offered') return { payee: 0n }
  if (view.state === 'challenged') return { payee: view.byPayee ? view.left : 0n }
  if (view.state === 'funded' && BigInt(terms.evaluator) === 0n) return earned(terms, view, view.left)
  return { payee: share(view.left, terms.defaultToPayee) }
}

/** Each side's bond pays of the arbiter's fee what the other one got of the pot. */
function bondsOf({ bond }: DealTerms, { state, byPayee, left }: DealView, payee: bigint, fee: bigint) {
  if (bond === 0n || !(state === 'challenged' || state === 'disputed'))
    return { payerBond: 0n, payeeBond: 0n }
  const ofPayer = left === 0n ? 0n : (fee * payee) / left
  const both = state === 'disputed'
  return {
    payerBond: both || !byPayee ? bond - ofPayer : 0n,
    payeeBond: both || byPayee ? bond - (fee - ofPayer) : 0n,
  }
}
