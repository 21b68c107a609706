import fc from 'fast-check'
import { poseidon1 } from 'poseidon-lite/poseidon1'
import { describe, expect, it } from 'vitest'
import { FIELD, mod } from './field.ts'
import { madeBySecret, recoverSecret } from './shares.ts'

const element = fc.bigInt({ min: 0n, max: FIELD - 1n })
const nonZero = fc.bigInt({ min: 1n, max: FIELD - 1n })
const shareOf = (secret: bigint, slope: bigint, x: bigint) => ({ x, y: mod(secret + slope * x) })

describe('shares of one slot', () => {
  it('reveal the secret, any two of them', () => {
    fc.assert(
      fc.property(element, element, nonZero, nonZero, (secret, slope, x1, x2) => {
        fc.pre(x1 !== x2)
        return recoverSecret(shareOf(secret, slope, x1), shareOf(secret, slope, x2)) === secret
      }),
    )
  })

  it('are told by a revealed secret, and only by that one', () => {
    fc.assert(
      fc.property(nonZero, nonZero, nonZero, (secret, slope, x) => {
        const share = { ...shareOf(secret, slope, x), nullifier: poseidon1([slope]) }
        return madeBySecret(secret, share) && !madeBySecret(mod(secret + 1n), share)
      }),
      { numRuns: 20 },
    )
  })

  it('are told by the secret zero, too', () => {
    expect(madeBySecret(0n, { x: 3n, y: 6n, nullifier: poseidon1([2n]) })).toBe(true)
  })
})

describe('when they must refuse', () => {
  it.each([
    { given: 'twice the same share', first: { x: 1n, y: 2n }, second: { x: 1n, y: 2n }, code: 'SAME_SHARE' },
    { given: 'two y at one x', first: { x: 1n, y: 2n }, second: { x: 1n, y: 3n }, code: 'SAME_SHARE' },
    {
      given: 'an x that is not reduced',
      first: { x: 1n, y: 2n },
      second: { x: FIELD + 1n, y: 2n },
      code: 'OUT_OF_FIELD',
    },
    { given: 'a negative y', first: { x: 1n, y: -2n }, second: { x: 2n, y: 2n }, code: 'OUT_OF_FIELD' },
  ])('given $given, answers $code', ({ first, second, code }) => {
    expect(() => recoverSecret(first, second)).toThrow(expect.objectContaining({ code }))
  })

  it('given x = 0, says so instead of testing the secret', () => {
    expect(() => madeBySecret(5n, { x: 0n, y: 5n, nullifier: 1n })).toThrow(
      expect.objectContaining({ code: 'ZERO_X' }),
    )
  })
})
