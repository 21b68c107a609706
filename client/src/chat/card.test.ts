import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contactCard, readContactCard } from './card.ts'

const CARD = contactCard(new Uint8Array(32).fill(9))

describe('what it does', () => {
  it('carries a chat identity, also in upper case and with space around', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
        const card = contactCard(key)
        expect(card).toMatch(/^tea1[a-z2-7]{58}$/)
        expect(readContactCard(`  ${card.toUpperCase()}\n`)).toEqual(key)
      }),
    )
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'nothing', card: '' },
    { given: 'a name', card: 'Alice' },
    { given: 'an address', card: `0x${'1'.repeat(40)}` },
    { given: 'half of one', card: CARD.slice(0, 30) },
    { given: 'one and more', card: `${CARD}a` },
    { given: 'a character that none has', card: `${CARD.slice(0, -1)}1` },
  ])('$given', ({ card }) => {
    expect(() => readContactCard(card)).toThrow(expect.objectContaining({ code: 'BAD_CARD' }))
  })

  it('a card of which any one character was mistyped', () => {
    for (let at = 4; at < CARD.length; at++) {
      const typed = CARD.slice(0, at) + (CARD[at] === 'a' ? 'b' : 'a') + CARD.slice(at + 1)
      expect(() => readContactCard(typed)).toThrow(expect.objectContaining({ code: 'BAD_CARD' }))
    }
  })
})
