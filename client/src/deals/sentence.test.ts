import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAmount } from '../amounts.ts'
import { LOCALES, type Unit } from './agreed.ts'
import { describeDeal, sentenceOf, type Signable } from './sentence.ts'
import { statementOf, type Item, type Statement } from './statement.ts'
import type { AnyTemplate } from './templates/template.ts'
import { anyTerms, NOW, OFFERS, PARTIES, PLACE } from './testing/deals.ts'
import type { DealTerms } from './terms.ts'

/** Says of any terms that they are its own: what a sentence says of them is the matter here. */
const anything: AnyTemplate = { name: 'any', tell: () => ({ about: { en: 'x', 'zh-Hans': 'x' }, cases: [] }) }
const stateOf = (terms: DealTerms, place = PLACE): Statement =>
  statementOf({ terms, data: '0x' }, anything, place)

/** Every amount that a statement has. */
function amountsOf({ terms, items }: Statement): bigint[] {
  const of = (item: Item): bigint[] => {
    switch (item.kind) {
      case 'accept':
        return [item.collateral]
      case 'dispute':
        return [item.fee, ...Object.values(item.silent as unknown as Record<string, bigint>)]
      default:
        return Object.values(item.pays as unknown as Record<string, bigint>)
    }
  }
  return [terms.amount, ...items.flatMap(of)].filter((amount) => amount > 0n)
}

/** The amounts that a text shows, read back as smallest units. */
const shown = (text: string, { symbol, decimals }: Unit): bigint[] =>
  [...text.matchAll(new RegExp(`([\\d.]+) ${symbol}`, 'g'))].map(([, amount]) =>
    parseAmount(amount!, decimals),
  )

describe('a sentence', () => {
  const unit = fc.record({
    symbol: fc.constantFrom('TEA', 'USDC', '€'),
    decimals: fc.integer({ min: 0, max: 18 }),
  })

  it.each(LOCALES)('in %s shows every amount to the last unit, whatever the decimals', (locale) => {
    fc.assert(
      fc.property(anyTerms, unit, (terms, of) => {
        const statement = stateOf(terms, { ...PLACE, unit: of })
        const there = new Set(shown(describeDeal(statement, locale), of))
        for (const amount of amountsOf(statement)) expect(there.has(amount)).toBe(true)
      }),
    )
  })

  it.each(LOCALES)('in %s is another one for every other deal', (locale) => {
    const fields = Object.keys(OFFERS[0]!.terms).filter((field) => field !== 'details') as (keyof DealTerms)[]
    fc.assert(
      fc.property(anyTerms, fc.constantFrom(...fields), (terms, field) => {
        const value = terms[field]
        const other =
          typeof value === 'bigint'
            ? value + 1n
            : typeof value === 'number'
              ? value + 1
              : `0x${'7'.repeat(40)}`
        const changed = { ...terms, [field]: other }
        // What does nothing without an arbiter, an evaluator, a bond or a fee is not told.
        fc.pre(means(terms, field))
        expect(describeDeal(stateOf(changed), locale)).not.toBe(describeDeal(stateOf(terms), locale))
      }),
      { numRuns: 300 },
    )
  })

  it.each(LOCALES)('in %s says of every act what it does and until when', (locale) => {
    const acts: Signable[] = [
      { act: 'Funding', deadline: NOW },
      { act: 'Acceptance', deadline: NOW },
      { act: 'Release', deadline: NOW },
      { act: 'Refund', deadline: NOW },
      { act: 'Answer', deadline: NOW },
      { act: 'PartRelease', total: 1_234_567n, deadline: NOW },
      { act: 'Ruling', payeeAmount: 1_234_567n, deadline: NOW },
      { act: 'Settlement', payeeAmount: 1_234_567n, deadline: NOW },
      { act: 'Dispute', advancer: PARTIES.payer, deadline: NOW },
    ]
    const texts = acts.map((act) => sentenceOf(OFFERS[0]!.statement, act, locale))
    expect(new Set(texts).size).toBe(acts.length)
    for (const text of texts) expect(text).toContain('2027-01-15 08:00:00 UTC')
    for (const text of texts.slice(5, 8)) expect(text).toContain('1.234567 TEA')
    for (const text of texts.slice(2)) expect(text).toContain(OFFERS[0]!.deal)
  })

  it('says what a template’s own cases give', () => {
    for (const offer of OFFERS)
      for (const locale of LOCALES) {
        const text = describeDeal(offer.statement, locale)
        const there = new Set(shown(text, PLACE.unit))
        for (const amount of amountsOf(offer.statement))
          expect(there.has(amount), `${offer.template} ${amount}`).toBe(true)
        // One sentence: nothing ends it before its end.
        expect(text.match(/[.。](?=\s|$)/g)).toHaveLength(1)
      }
  })
})

/** Whether a field changes anything in these terms. */
function means(terms: DealTerms, field: keyof DealTerms): boolean {
  const hasArbiter = BigInt(terms.arbiter) !== 0n
  switch (field) {
    case 'arbiterFee':
    case 'bond':
    case 'rulingWindow':
      return hasArbiter
    case 'defaultToPayee':
      return hasArbiter || BigInt(terms.evaluator) !== 0n
    default:
      return true
  }
}
