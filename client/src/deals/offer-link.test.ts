import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dealLink, dealText } from './offer-link.ts'
import { DealError } from './terms.ts'

describe('a deal in a link', () => {
  it('comes back as it was, whatever a mail program does to it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 2_000 }), fc.boolean(), (words, signed) => {
        const text = `{"teahouse-${signed ? 'signed' : 'deal'}":1,${JSON.stringify(words)}}`
        const link = dealLink(text)
        expect(link.startsWith(signed ? 'teahouse:signed/' : 'teahouse:deal/')).toBe(true)
        expect(dealText(` ${link.slice(0, 40)}\n${link.slice(40)}\n`)).toBe(text)
      }),
    )
  })

  it('that is no link is left alone', () => {
    expect(dealText('  {"teahouse-deal":1}\n')).toBe('{"teahouse-deal":1}')
  })
})

describe('when it must refuse', () => {
  it('a link of which a letter is another, or missing', () => {
    const link = dealLink('{"teahouse-deal":1}')
    for (let at = 'teahouse:deal/'.length; at < link.length; at++) {
      const other = link[at] === 'A' ? 'B' : 'A'
      expect(() => dealText(link.slice(0, at) + other + link.slice(at + 1))).toThrow(DealError)
      expect(() => dealText(link.slice(0, at))).toThrow(DealError)
    }
  })

  it('a link of the other kind', () => {
    const link = dealLink('{"teahouse-deal":1}')
    expect(() => dealText(link.replace('deal/', 'signed/'))).toThrow(DealError)
  })
})
