import { describe, expect, it } from 'vitest'
import { bestRatio, cartelEarnings, relativeWeight, unknownShare } from './real-selector.ts'

describe('the selector of the clients, as the simulation sees it', () => {
  it('gives a usual node one, and less to what is dearer, newer or worse', () => {
    expect(relativeWeight({})).toBeCloseTo(1, 12)
    for (const worse of [{ price: 2 }, { isNew: true }, { broken: 1 }, { stake: 0.1 }])
      expect(relativeWeight(worse)).toBeLessThan(1)
    expect(relativeWeight({ price: 0.5 })).toBeGreaterThan(1)
  })

  it('sends half to unknown nodes when their weights are those of the known', () => {
    const unknown = relativeWeight({ isNew: true })
    expect(unknownShare(10 + 10 / unknown, 10)).toBeCloseTo(0.5, 9)
    expect(unknownShare(10, 10)).toBe(0)
  })

  it('shares one demand among all: what a cartel gains others lose, but for the price', () => {
    const { member, outsider } = cartelEarnings(0.25, 2)
    expect(0.25 * (member / 2) + 0.75 * outsider).toBeCloseTo(1, 9)
  })

  it('is asked most for at the price at which a per cent more loses a per cent of what a page leaves', () => {
    const earned = (ratio: number): number => (ratio - 0.1) * relativeWeight({ price: ratio })
    const best = bestRatio(0.1)
    expect(earned(best)).toBeGreaterThanOrEqual(earned(best * 1.01))
    expect(earned(best)).toBeGreaterThanOrEqual(earned(best / 1.01))
  })
})
