import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AmountError, formatAmount, parseAmount } from './amounts.ts'

const decimals = fc.integer({ min: 0, max: 18 })

describe('amounts', () => {
  it.each([
    ['0', 0n],
    ['1', 1_000_000n],
    ['0.05', 50_000n],
    ['12.000001', 12_000_001n],
  ])('%s is %d', (text, amount) => {
    expect(parseAmount(text)).toBe(amount)
    expect(formatAmount(amount)).toBe(text)
  })

  it('come back as they were, whatever the decimals', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), decimals, (amount, places) => {
        expect(parseAmount(formatAmount(amount, places), places)).toBe(amount)
      }),
    )
  })

  it('may be negative when shown', () => {
    expect(formatAmount(-1_500_000n)).toBe('-1.5')
  })
})

describe('when it must refuse', () => {
  it.each([
    ['', 'NOT_AN_AMOUNT'],
    ['-1', 'NOT_AN_AMOUNT'],
    ['+1', 'NOT_AN_AMOUNT'],
    ['1e3', 'NOT_AN_AMOUNT'],
    ['1,5', 'NOT_AN_AMOUNT'],
    ['.5', 'NOT_AN_AMOUNT'],
    ['5.', 'NOT_AN_AMOUNT'],
    [' 5', 'NOT_AN_AMOUNT'],
    ['0x10', 'NOT_AN_AMOUNT'],
    ['٣', 'NOT_AN_AMOUNT'],
    ['0.0000001', 'TOO_PRECISE'],
    [`${2n ** 128n}`, 'TOO_LARGE'],
  ])('"%s": %s', (text, code) => {
    expect(() => parseAmount(text)).toThrow(expect.objectContaining({ code }))
  })

  it('any text, with an AmountError and nothing else', () => {
    fc.assert(
      fc.property(fc.string(), decimals, (text, places) => {
        try {
          expect(parseAmount(text, places)).toBeTypeOf('bigint')
        } catch (error) {
          expect(error).toBeInstanceOf(AmountError)
        }
      }),
    )
  })
})
