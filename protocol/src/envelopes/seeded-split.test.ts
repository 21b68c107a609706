import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { amountsOf } from './seeded-split.ts'
import { MAX_SHARES } from './split.ts'

const SECRET = new Uint8Array(32).fill(7)

describe('the amounts of an envelope', () => {
  it('follow from its secret, add up to the unit, and none is below a hundredth of an equal one', () => {
    const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 })
    const counts = fc.integer({ min: 1, max: MAX_SHARES })
    const split = fc.constantFrom('random', 'equal')
    fc.assert(
      fc.property(
        secrets,
        counts,
        fc.bigInt(BigInt(MAX_SHARES), 2n ** 100n),
        split,
        (secret, count, amount, how) => {
          const amounts = amountsOf(amount, count, how, secret)
          expect(amounts).toEqual(amountsOf(amount, count, how, secret))
          expect(amounts).toHaveLength(count)
          expect(amounts.reduce((sum, one) => sum + one, 0n)).toBe(amount)
          for (const one of amounts) expect(one * 100n).toBeGreaterThanOrEqual(amount / BigInt(count) - 99n)
        },
      ),
    )
  })

  it('stay the same in every release', () => {
    expect(amountsOf(1_000_000n, 4, 'random', SECRET)).toEqual([9_786n, 316_431n, 106_960n, 566_823n])
    expect(amountsOf(10n, 4, 'equal', SECRET)).toEqual([3n, 3n, 2n, 2n])
  })

  it.each([
    { given: 'a short secret', shares: 2, secret: new Uint8Array(31), code: 'BAD_SECRET' },
    { given: 'no shares', shares: 0, secret: SECRET, code: 'OUT_OF_RANGE' },
    { given: 'half a share', shares: 1.5, secret: SECRET, code: 'OUT_OF_RANGE' },
    { given: 'more shares than units', shares: 12, secret: SECRET, code: 'OUT_OF_RANGE' },
  ])('of $given: $code', ({ shares, secret, code }) => {
    for (const split of ['random', 'equal'] as const)
      expect(() => amountsOf(11n, shares, split, secret)).toThrow(expect.objectContaining({ code }))
  })
})
