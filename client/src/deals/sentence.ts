import type { Locale } from './agreed.ts'
import type { Item, Statement } from './statement.ts'
import { dealId, type DealAct } from './terms.ts'
import { en } from './words/en.ts'
import type { Phrases } from './words/phrases.ts'
import { zhHans } from './words/zh-hans.ts'

/** What is signed for a deal: its funding, one of the acts, or what an evaluator asks for. */
export type Signable =
  | { readonly act: 'Funding'; readonly deadline: number }
  | Unnamed<DealAct>
  /** Keys of the cases of which this is the evidence. */
  | { readonly act: 'Verdict'; readonly cases: readonly string[] }

/** The deal is that of the statement. */
type Unnamed<A> = A extends unknown ? Omit<A, 'deal'> : never

const PHRASES: Readonly<Record<Locale, Phrases>> = { en, 'zh-Hans': zhHans }

/**
 * One sentence that says what a signature does. A pure function of what is signed and of the place: amounts without rounding, times in UTC, addresses in
 * full, so that what it says can be held against what the contract does.
 */
export function sentenceOf(statement: Statement, signable: Signable, locale: Locale = 'en'): string {
  const phrases = PHRASES[locale]
  if (signable.act === 'Verdict') {
    const items = statement.items.filter((one) => isOneOf(one, signable.cases))
    return phrases.sentence(phrases.verdict(idOf(statement), statement, items))
  }
  return phrases.until(textOf(phrases, statement, signable), signable.deadline)
}

/** What two people agree on, apart from any signature. */
export const describeDeal = (statement: Statement, locale: Locale = 'en'): string => {
  const phrases = PHRASES[locale]
  const text = phrases.sentence(phrases.deal(statement))
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

const idOf = ({ terms, place }: Statement) => dealId(terms, place.chainId, place.escrow)

const isOneOf = (item: Item, keys: readonly string[]): boolean =>
  item.kind === 'case' && keys.includes(item.of.key)

function textOf(
  { acts, deal }: Phrases,
  statement: Statement,
  signable: Exclude<Signable, { readonly act: 'Verdict' }>,
): string {
  const id = idOf(statement)
  switch (signable.act) {
    case 'Funding':
      return acts.Funding(deal(statement))
    case 'Acceptance':
      return acts.Acceptance(deal(statement), statement)
    case 'Release':
    case 'Refund':
    case 'Answer':
      return acts[signable.act](id, statement)
    case 'PartRelease':
      return acts.PartRelease(id, statement, signable.total)
    case 'Ruling':
    case 'Settlement':
      return acts[signable.act](id, statement, signable.payeeAmount)
    case 'Dispute':
      return acts.Dispute(id, statement, signable.advancer)
  }
}
