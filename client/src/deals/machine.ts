import { isAddressEqual, zeroAddress, type Address } from 'viem'
import { payoutOf, type DealView, type Payout } from './payout.ts'
import type { DealTerms } from './terms.ts'

/** Who does something in a deal. `anyone` includes people who have no part in it. */
export type DealRole = 'payer' | 'payee' | 'arbiter' | 'anyone'

export type DealMove =
  | ('fund' | 'accept' | 'release' | 'releasePart' | 'refund' | 'settle')
  | ('evaluate' | 'dispute' | 'answer' | 'rule' | 'expire')

/** Something that may be done now. */
export interface Possible {
  readonly move: DealMove
  /** Each of them may by itself; for `settle` it takes both. */
  readonly who: readonly DealRole[]
  /** The last second for it; none if it stays possible. */
  readonly until?: number | undefined
  /** What it takes from who does it, smallest units. */
  readonly locks: bigint
}

/** What happens if everybody is silent. */
export interface Silence {
  /** From this unix second on anyone can have it done, by `expire`. */
  readonly from: number
  readonly pays: Payout
}

/** How a deal stands for the people in it. */
export interface DealNow {
  readonly state: DealView['state']
  /** The time of the state has run out: only what needs no time is possible, and anyone can close the deal. */
  readonly overdue: boolean
  readonly can: readonly Possible[]
  /** The next time at which something is lost by doing nothing, and who should act before: undefined if there is none. */
  readonly deadline: { readonly at: number; readonly who: readonly DealRole[] } | undefined
  /** Undefined before the funding and after the end. */
  readonly silence: Silence | undefined
  /** What the deal still holds, smallest units. */
  readonly left: bigint
}

const none = (address: Address): boolean => isAddressEqual(address, zeroAddress)

/** The last second of the present state; from the next one on anyone may expire the deal. Undefined if it holds nothing. */
export function endOf(
  { deliverBy, disputeWindow }: DealTerms,
  { state, endsAt }: DealView,
): number | undefined {
  if (state === 'none' || state === 'closed') return undefined
  return state === 'funded' ? deliverBy + disputeWindow : endsAt
}

/**
 * The state machine of a deal, as the contract has it: what may be done now, until when, and what happens if nobody does. `now` in unix seconds, of the
 * chain's newest block if it is to be exact.
 */
export function dealState(terms: DealTerms, view: DealView, now: number): DealNow {
  const { state, left } = view
  const end = endOf(terms, view)
  const overdue = end !== undefined && now > end
  const can = [...inTime(terms, view, end, now), ...always(terms, view), ...late(overdue)]
  const silence =
    end === undefined ? undefined : { from: end + 1, pays: payoutOf(terms, view, { by: 'expire' }) }
  return { state, overdue, can, deadline: deadlineOf(terms, view, end, overdue), silence, left }
}

/** What needs the state's time. */
function inTime(terms: DealTerms, view: DealView, until: number | undefined, now: number): Possible[] {
  const { state } = view
  if (state === 'none') {
    // A deal is funded strictly before its delivery is due.
    const fund: Possible = { move: 'fund', who: ['payer'], until: terms.deliverBy - 1, locks: terms.amount }
    return now < terms.deliverBy ? [fund] : []
  }
  if (until === undefined || now > until) return []
  const found: Possible[] = []
  const add = (move: DealMove, who: readonly DealRole[], locks = 0n): void =>
    void found.push({ move, who, until, locks })
  if (state === 'offered') add('accept', ['payee'], terms.collateral)
  if (state !== 'offered' && !none(terms.evaluator)) add('evaluate', ['anyone'])
  if (state === 'funded' && !none(terms.arbiter)) add('dispute', ['payer', 'payee'], terms.bond)
  if (state === 'challenged') add('answer', ['anyone'], terms.bond)
  if (state === 'disputed') add('rule', ['arbiter'])
  return found
}

/** What stays possible as long as the deal holds something. */
function always(terms: DealTerms, { state, left }: DealView): Possible[] {
  if (state === 'none' || state === 'closed') return []
  if (state === 'offered') return [{ move: 'refund', who: ['payer', 'payee'], locks: 0n }]
  const found: Possible[] = [
    { move: 'release', who: ['payer'], locks: 0n },
    { move: 'refund', who: ['payee'], locks: 0n },
    { move: 'settle', who: ['payer', 'payee'], locks: 0n },
  ]
  if (state === 'funded' && left > 1n) found.push({ move: 'releasePart', who: ['payer'], locks: 0n })
  return found
}

const late = (overdue: boolean): Possible[] =>
  overdue ? [{ move: 'expire', who: ['anyone'], locks: 0n }] : []

/** Who loses by silence, and when. */
function deadlineOf(
  terms: DealTerms,
  view: DealView,
  end: number | undefined,
  overdue: boolean,
): DealNow['deadline'] {
  if (view.state === 'none') return { at: terms.deliverBy - 1, who: ['payer'] }
  if (end === undefined || overdue) return undefined
  switch (view.state) {
    case 'offered':
      return { at: end, who: ['payee'] }
    case 'challenged':
      return { at: end, who: [view.byPayee ? 'payer' : 'payee'] }
    case 'disputed':
      return { at: end, who: ['arbiter'] }
    default:
      return { at: end, who: ['payer', 'payee'] }
  }
}

