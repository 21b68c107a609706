import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTeahouseError } from '@teahouse/protocol/errors'
import { offerFor, offerOf, readOffer, writeOffer } from './offer.ts'
import { TEMPLATES } from './templates/index.ts'
import { DealError } from './terms.ts'
import { EXAMPLES, NOW, OFFERS, offerFrom, PARTIES, PLACE } from './testing/deals.ts'

const refused = (code: string) =>
  expect.objectContaining({ detail: expect.objectContaining({ code }) as object }) as Error

describe('an offer', () => {
  it.each(EXAMPLES.map((one) => [one.template.name, one] as const))(
    'of a %s comes back from its text',
    (_, one) => {
      const offer = offerFrom(one)
      const text = writeOffer(offer)
      expect(readOffer(text, PLACE)).toEqual(offer)
      expect(JSON.parse(text)).toMatchObject({ template: one.template.name, deal: offer.deal })
    },
  )

  it('is known by the terms that are on chain and the data alone, by one template only', () => {
    for (const offer of OFFERS) {
      expect(offerFor(offer, PLACE)).toEqual(offer)
      const others = TEMPLATES.filter(({ name }) => name !== offer.template)
      expect(() => offerFor(offer, PLACE, others)).toThrow(refused('BAD_OFFER'))
    }
  })

  it('has one text, whatever letter case its addresses came in', () => {
    for (const { template, agreed } of EXAMPLES) {
      const lower = Object.fromEntries(
        Object.entries(agreed.terms).map(([name, value]) => [
          name,
          typeof value === 'string' ? value.toLowerCase() : (value as unknown),
        ]),
      ) as unknown as typeof agreed.terms
      const offer = offerOf(template, { ...agreed, terms: lower }, PLACE, NOW)
      expect(writeOffer(offer)).toBe(writeOffer(offerFrom({ template, agreed })))
    }
  })
})

describe('when it must refuse', () => {
  const texts = OFFERS.map(writeOffer)

  it.each([
    ['another chain', { ...PLACE, chainId: 1 }],
    ['another escrow', { ...PLACE, escrow: PARTIES.payer }],
    ['other evaluators', { ...PLACE, evaluators: { CabRide: PARTIES.payer } }],
  ])('offers for %s', (_, place) => {
    // The plain one has no evaluator.
    for (const text of texts.slice(
      'evaluators' in place && place.chainId === 31_337 && place.escrow === PLACE.escrow ? 1 : 0,
    ))
      expect(() => readOffer(text, place)).toThrow(refused('BAD_OFFER'))
  })

  it('a change of any field, however small', () => {
    const change = (value: unknown): unknown[] => {
      if (typeof value === 'number') return [value + 1, String(value)]
      const text = value as string
      if (text.startsWith('0x')) {
        const at = text.length - 1
        return [text.slice(0, at) + (text[at] === '1' ? '2' : '1'), text.toUpperCase(), `${text}00`]
      }
      return /^\d+$/.test(text) ? [`${BigInt(text) + 1n}`, `0${text}`, Number(text)] : [`${text}x`]
    }
    for (const text of texts) {
      const fields = JSON.parse(text) as Record<string, unknown> & { terms: Record<string, unknown> }
      const mutants = [
        ...Object.entries(fields).flatMap(([name, value]) =>
          name === 'terms' ? [] : change(value).map((other) => ({ ...fields, [name]: other })),
        ),
        ...Object.entries(fields.terms).flatMap(([name, value]) =>
          change(value).map((other) => ({ ...fields, terms: { ...fields.terms, [name]: other } })),
        ),
        { ...fields, more: 1 },
        Object.fromEntries(Object.entries(fields).reverse()),
      ]
      for (const mutant of mutants)
        expect(() => readOffer(JSON.stringify(mutant), PLACE), JSON.stringify(mutant)).toThrow(
          refused('BAD_OFFER'),
        )
      expect(() => readOffer(`${text} `, PLACE)).toThrow(refused('BAD_OFFER'))
    }
  })

  it('anything else, with a typed error', () => {
    const broken = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .constantFrom(...texts)
        .chain((text) =>
          fc
            .tuple(fc.nat(text.length - 1), fc.string({ maxLength: 4 }))
            .map(([at, more]) => text.slice(0, at) + more + text.slice(at + 1)),
        ),
    )
    fc.assert(
      fc.property(broken, (text) => {
        fc.pre(!texts.includes(text))
        try {
          readOffer(text, PLACE)
        } catch (error) {
          expect(isTeahouseError(error) && error instanceof DealError && error.detail.code).toBe('BAD_OFFER')
          return
        }
        expect.unreachable(text)
      }),
    )
  })

  it('terms that the contract would refuse, and offers whose time is over', () => {
    const { template, agreed } = EXAMPLES[0]!
    const late = agreed.terms.deliverBy
    expect(() => offerOf(template, agreed, PLACE, late)).toThrow(refused('BAD_TERMS'))
    const greedy = { ...agreed, terms: { ...agreed.terms, appFeeBps: 1_001 } }
    expect(() => offerOf(template, greedy, PLACE, NOW)).toThrow(refused('BAD_TERMS'))
  })
})
