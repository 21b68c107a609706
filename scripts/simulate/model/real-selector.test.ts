import { describe, expect, it } from 'vitest'
import {
  bestRatio,
  cartelEarnings,
  coalitionShare,
  loneShare,
  relativeWeight,
  unknownShare,
} from './real-selector.ts'

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

  it('lets no cartel of up to two thirds gain, whatever it asks, and leaving one always pays', () => {
    for (const times of [1.05, 1.1, 1.25, 1.5, 2, 4, 10])
      for (const part of [0.05, 0.1, 0.25, 1 / 3, 0.5, 0.6]) {
        const { member, outsider } = cartelEarnings(part, times)
        expect(member, `${part} at ${times}`).toBeLessThan(1)
        expect(outsider).toBeGreaterThan(member)
      }
    for (const part of [0.7, 0.8, 0.9, 0.99]) {
      const { member, outsider } = cartelEarnings(part, 2)
      expect(outsider, `${part}`).toBeGreaterThan(member)
    }
  })

  it('shows no node all topics, however cheap it is, and three times the usual at most', () => {
    for (const nodes of [3, 4, 10, 200])
      for (const ratio of [0, 0.01, 0.5]) {
        const share = loneShare(nodes, ratio)
        expect(share).toBeLessThanOrEqual(3 / (nodes + 2) + 1e-9)
        expect(share).toBeGreaterThan(1 / nodes)
      }
    expect(coalitionShare(0.25, 0.01)).toBeLessThan(0.51)
  })

  it('is asked most for at the price at which a per cent more loses a per cent of what a page leaves', () => {
    const earned = (ratio: number): number => (ratio - 0.1) * relativeWeight({ price: ratio })
    const best = bestRatio(0.1)
    expect(earned(best)).toBeGreaterThanOrEqual(earned(best * 1.01))
    expect(earned(best)).toBeGreaterThanOrEqual(earned(best / 1.01))
  })
})
