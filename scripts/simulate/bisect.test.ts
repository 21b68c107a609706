import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findThreshold, thresholdOf } from './bisect.ts'

describe('a threshold', () => {
  it('is found wherever it lies', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.002, max: 999, noNaN: true }), fc.boolean(), (at, up) => {
        const found = thresholdOf((x) => x > at === up, 0.001, 1_000)
        expect(Math.abs(found - at)).toBeLessThan(1e-9 * at + 1e-12)
      }),
    )
  })

  it('is found between numbers that are not positive', () => {
    expect(thresholdOf((x) => x > -2, -5, 5)).toBeCloseTo(-2, 9)
  })

  it('that is not there is told', () => {
    expect(findThreshold(() => true, 1, 2)).toBeUndefined()
    expect(() => thresholdOf(() => true, 1, 2)).toThrow(
      expect.objectContaining({ detail: { code: 'NO_THRESHOLD', from: 1, to: 2 } }),
    )
  })
})
