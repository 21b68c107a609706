import fc from 'fast-check'
import type { Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import { signDigest } from './keys.ts'
import { isCanonicalSignature, splitSignature } from './signature.ts'

const GOOD = signDigest(`0x${'11'.repeat(32)}`, new Uint8Array(32).fill(7))

describe('a signature', () => {
  it('is taken as it was made', () => {
    expect(isCanonicalSignature(GOOD)).toBe(true)
    const { r, s, v } = splitSignature(GOOD)
    expect(`${r}${s.slice(2)}${v.toString(16)}`).toBe(GOOD)
  })

  it('with v of 0 or 1 is read, and is not in the form that contracts take', () => {
    const plain = (GOOD.slice(0, -2) + (GOOD.endsWith('1b') ? '00' : '01')) as Hex
    expect(splitSignature(plain)).toEqual(splitSignature(GOOD))
    expect(isCanonicalSignature(plain)).toBe(false)
  })

  it('with any digits missing or to spare is not one, half a byte included', () => {
    fc.assert(
      fc.property(
        fc.nat(GOOD.length - 3),
        fc.string({ unit: fc.constantFrom('0', '1', 'b'), maxLength: 3 }),
        (at, more) => {
          fc.pre(more.length !== 1)
          const other = (GOOD.slice(0, 2 + at) + more + GOOD.slice(3 + at)) as Hex
          expect(isCanonicalSignature(other)).toBe(false)
          expect(() => splitSignature(other)).toThrow(RangeError)
        },
      ),
    )
  })
})
