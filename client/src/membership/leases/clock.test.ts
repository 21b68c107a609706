import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createClock, MAX_OFF_MS } from './clock.ts'

const DEVICE = 1_800_000_000_000
function corrected(offsets: number[]): number {
  const clock = createClock(() => DEVICE)
  clock.compare(offsets)
  return clock.now() - DEVICE
}
const MINUTE = 60_000

describe("this device's clock", () => {
  it.each([
    { given: 'close to all', offsets: [200, -300, 900], off: 0 },
    { given: '30 s behind', offsets: [30_000, 29_500, 30_400], off: 30_000 },
    { given: '30 s ahead', offsets: [-30_000, -30_000, -31_000], off: -30_000 },
    { given: 'right, with one liar', offsets: [3_600_000, 0, 100], off: 0 },
    { given: '30 s behind, with one liar', offsets: [-9e15, 30_000, 30_000], off: 30_000 },
    { given: 'right, with one liar and one silent', offsets: [50_000, 0], off: 0 },
    { given: '30 s behind, with one silent', offsets: [30_000, 29_000], off: 29_000 },
    { given: 'compared with one node alone', offsets: [30_000], off: 0 },
    { given: 'compared with none', offsets: [], off: 0 },
  ])('$given: corrected by $off ms', ({ offsets, off }) => {
    expect(corrected(offsets)).toBe(off)
  })

  it('is right again when it was set right', () => {
    const clock = createClock(() => DEVICE)
    clock.compare([30_000, 30_000, 30_000])
    clock.compare([0, 0, 0])
    expect(clock.now()).toBe(DEVICE)
  })

  it('is never moved out of what two honest nodes and itself show, whatever a third says', () => {
    const honest = fc.integer({ min: -MINUTE, max: MINUTE })
    fc.assert(
      fc.property(honest, honest, fc.integer(), fc.boolean(), (a, b, lie, silent) => {
        const off = corrected(silent ? [a, lie] : [a, b, lie])
        const shown = silent ? [a, 0] : [a, b, 0]
        expect(off).toBeGreaterThanOrEqual(Math.min(...shown))
        expect(off).toBeLessThanOrEqual(Math.max(...shown))
      }),
    )
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: '5 min behind', offsets: [300_000, 300_200, 299_000], offByMs: 300_000 },
    { given: '5 min ahead', offsets: [-300_000, -300_000, 0], offByMs: -300_000 },
    { given: '5 min behind, with one silent', offsets: [300_000, 300_000], offByMs: 300_000 },
    { given: 'a minute and a little off', offsets: [MAX_OFF_MS + 1], offByMs: MAX_OFF_MS + 1 },
  ])('$given', ({ offsets, offByMs }) => {
    expect(() => corrected(offsets)).toThrow(
      expect.objectContaining({ code: 'CLOCK_WRONG', detail: { code: 'CLOCK_WRONG', offByMs } }) as Error,
    )
  })
})
