import { isAddressEqual, zeroAddress, type Address } from 'viem'
import type { Agreed, Case, DealPlace, Words } from './agreed.ts'
import { appFeeOf, payoutOf, potOf, share, type DealView } from './payout.ts'
import type { AnyTemplate } from './templates/template.ts'
import type { DealTerms } from './terms.ts'

/** Who gets what of the pot in all, smallest units; parts that were paid before count. */
export interface Shares {
  readonly payer: bigint
  readonly payee: bigint
  readonly app: bigint
}

/** One way that a deal can go, as the sentence tells it. Times in unix seconds, spans in seconds. */
export type Item =
  /** The payee locks collateral within a span after the funding and by a second; else the payer gets all back, and may take it back before. */
  | { readonly kind: 'accept'; readonly collateral: bigint; readonly within: number; readonly by: number }
  | { readonly kind: 'release'; readonly pays: Shares }
  | { readonly kind: 'case'; readonly of: Case; readonly pays: Shares }
  | { readonly kind: 'refund'; readonly pays: Shares }
  | {
      readonly kind: 'dispute'
      readonly arbiter: Address
      /** The last second for it. */
      readonly until: number
      readonly bond: bigint
      /** How long the other side may answer, if there are bonds; if it does not, who called gets all that is left. */
      readonly answerWithin: number | undefined
      readonly rulingWithin: number
      readonly fee: bigint
      /** The payee's part of what is left if the arbiter is silent, in basis points, and what that is of the whole pot. */
      readonly silentBps: number
      readonly silent: Shares
    }
  /** From the second after `until` anyone can close it. */
  | {
      readonly kind: 'silence'
      readonly until: number
      /** The payee's part of what is left then, in basis points: all of it without an evaluator. */
      readonly bps: number
      readonly pays: Shares
    }

/** All that the terms of a deal mean, in numbers: what its sentence says, and what the contract does. */
export interface Statement {
  readonly place: DealPlace
  readonly terms: DealTerms
  readonly about: Words
  /** The whole pot: the amount and the collateral. */
  readonly pot: bigint
  readonly items: readonly Item[]
}

/**
 * What a deal means: a function of what is signed and of nothing else. `template` must have made the terms.
 * @throws DealError OTHER_TEMPLATE.
 */
export function statementOf(agreed: Agreed, template: AnyTemplate, place: DealPlace): Statement {
  const { about, cases } = template.tell(agreed, place)
  const { terms } = agreed
  const items: Item[] = [
    ...acceptance(terms),
    { kind: 'release', pays: sharesOf(terms, { by: 'release' }) },
    ...cases.map((of): Item => ({ kind: 'case', of, pays: caseShares(terms, of) })),
    { kind: 'refund', pays: sharesOf(terms, { by: 'refund' }) },
    ...dispute(terms),
    silence(terms),
  ]
  return { place, terms, about, pot: potOf(terms), items }
}

const none = (address: Address): boolean => isAddressEqual(address, zeroAddress)

/** A deal of which nothing has been paid and which nobody disputes. */
const untouched = (terms: DealTerms): DealView => ({
  ...{ state: 'funded', byPayee: false, endsAt: 0, left: potOf(terms) },
})

function sharesOf(terms: DealTerms, closing: { readonly by: 'release' | 'refund' | 'expire' }): Shares {
  const { payer, payee, app } = payoutOf(terms, untouched(terms), closing)
  return { payer, payee, app }
}

/** A part leaves the rest in the deal: the payer has nothing of it yet. */
function caseShares(terms: DealTerms, { total, final }: Case): Shares {
  const app = appFeeOf(terms, 0n, total)
  return { payer: final ? potOf(terms) - total : 0n, payee: total - app, app }
}

function acceptance({ collateral, disputeWindow, deliverBy }: DealTerms): Item[] {
  return collateral > 0n ? [{ kind: 'accept', collateral, within: disputeWindow, by: deliverBy }] : []
}

function dispute(terms: DealTerms): Item[] {
  const { arbiter, bond, arbiterFee, deliverBy, disputeWindow, rulingWindow, defaultToPayee } = terms
  if (none(arbiter)) return []
  const payee = share(potOf(terms), defaultToPayee)
  return [
    {
      ...{ kind: 'dispute', arbiter, until: deliverBy + disputeWindow, bond, fee: arbiterFee },
      ...{ answerWithin: bond > 0n ? disputeWindow : undefined, rulingWithin: rulingWindow },
      ...{ silentBps: defaultToPayee, silent: { payer: potOf(terms) - payee, payee, app: 0n } },
    },
  ]
}

function silence(terms: DealTerms): Item {
  const { evaluator, deliverBy, disputeWindow, defaultToPayee } = terms
  return {
    ...{ kind: 'silence', until: deliverBy + disputeWindow, bps: none(evaluator) ? 10_000 : defaultToPayee },
    pays: sharesOf(terms, { by: 'expire' }),
  }
}
