import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkField, FIELD, fromLittleEndian, inverse, mod, readField, toLittleEndian } from './field.ts'

const element = fc.bigInt({ min: 0n, max: FIELD - 1n })

describe('field elements', () => {
  it('have an inverse, but for zero', () => {
    fc.assert(
      fc.property(
        element.filter((value) => value > 0n),
        (value) => mod(value * inverse(value)) === 1n,
      ),
    )
    expect(() => inverse(0n)).toThrow(expect.objectContaining({ code: 'OUT_OF_FIELD' }))
    expect(() => inverse(FIELD)).toThrow(expect.objectContaining({ code: 'OUT_OF_FIELD' }))
  })

  it('reduce negative numbers into [0, r)', () => {
    expect(mod(-1n)).toBe(FIELD - 1n)
    expect(mod(FIELD)).toBe(0n)
  })

  it('keep their value through 32 little-endian bytes', () => {
    fc.assert(fc.property(element, (value) => readField('value', toLittleEndian(value)) === value))
    expect(toLittleEndian(0x0102n).subarray(0, 3)).toEqual(Uint8Array.of(2, 1, 0))
    expect(fromLittleEndian(new Uint8Array())).toBe(0n)
  })

  it.each([
    { given: 'the order itself', bytes: toLittleEndian(FIELD), code: 'OUT_OF_FIELD' },
    { given: 'all ones', bytes: new Uint8Array(32).fill(255), code: 'OUT_OF_FIELD' },
    { given: '31 bytes', bytes: new Uint8Array(31), code: 'BAD_LENGTH' },
    { given: 'no bytes', bytes: new Uint8Array(), code: 'BAD_LENGTH' },
  ])('are refused as $given', ({ bytes, code }) => {
    expect(() => readField('value', bytes)).toThrow(expect.objectContaining({ code }))
  })

  it('are never negative', () => {
    expect(() => checkField('value', -1n)).toThrow(expect.objectContaining({ code: 'OUT_OF_FIELD' }))
  })
})
