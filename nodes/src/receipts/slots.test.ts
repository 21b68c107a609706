import fc from 'fast-check'
import { isPledgedTwice, type StorageReceipt } from '@teahouse/protocol/receipts'
import { describe, expect, it } from 'vitest'
import { freeSlot, nextPeriod, periodSeconds, slotClass } from './slots.ts'

const term = (from: number, until: number, slot: number, liability = 10n): StorageReceipt => ({
  operator: 1,
  client: `0x${'11'.repeat(20)}`,
  root: `0x${'22'.repeat(32)}`,
  size: 1n,
  ...{ from, until, slot, liability },
})

describe('a free slot', () => {
  const wanted = { slotClass: 1, liability: 10n, stake: 10n * 64n }

  it('is the lowest one of its class that nobody has', () => {
    expect(freeSlot(wanted, [])).toBe(1)
    expect(freeSlot(wanted, [{ slot: 1, liability: 10n }])).toBe(32)
  })

  it('lies below stake ÷ liability', () => {
    const all = [1, 32, 63].map((slot) => ({ slot, liability: 10n }))
    expect(freeSlot(wanted, all.slice(0, 2))).toBe(63)
    expect(freeSlot(wanted, all)).toBeUndefined()
    expect(freeSlot({ ...wanted, stake: 10n * 63n + 9n }, all.slice(0, 2))).toBeUndefined()
    expect(freeSlot({ ...wanted, stake: 0n }, [])).toBeUndefined()
  })

  it.each([
    { given: 'the same number', pledge: { slot: 1, liability: 1_000n }, slot: 32 },
    { given: 'a unit of it', pledge: { slot: 2, liability: 6n }, slot: 32 },
    { given: 'the units just below', pledge: { slot: 0, liability: 10n }, slot: 1 },
    { given: 'all units up to far above', pledge: { slot: 0, liability: 400n }, slot: 63 },
  ])('shares nothing with a pledge of another liability: $given', ({ pledge, slot }) => {
    expect(freeSlot(wanted, [pledge])).toBe(slot)
  })
})

describe('periods', () => {
  it('begin anew after each', () => {
    expect(periodSeconds(200)).toBe(7)
    expect([0, 6, 7].map((time) => nextPeriod(time, 200))).toEqual([7, 7, 14])
  })

  it('keep receipts apart that were signed in different ones, whatever was forgotten', () => {
    const MAX_TERM = 200
    const one = fc.record({
      from: fc.nat({ max: 2_000 }),
      length: fc.integer({ min: 1, max: MAX_TERM }),
      place: fc.nat({ max: 5 }),
    })
    fc.assert(
      fc.property(one, one, (a, b) => {
        const [first, second] = [a, b].map(({ from, length, place }) =>
          term(from, from + length, slotClass(from, MAX_TERM) + 31 * place),
        ) as [StorageReceipt, StorageReceipt]
        const period = (from: number) => Math.floor(from / periodSeconds(MAX_TERM))
        fc.pre(period(a.from) !== period(b.from))
        expect(isPledgedTwice(first, second)).toBe(false)
      }),
    )
  })
})
