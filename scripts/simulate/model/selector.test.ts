import { describe, expect, it } from 'vitest'
import { assumed } from '../assumptions.ts'
import { airIncome, bestPrice, weightOf } from './selector.ts'

const stated = assumed()
const MARKET = { payers: 1_000, units: 100, serving: 10, price: 0.001, asked: 0.001 }

describe('the best price of one of many', () => {
  it.each([1.2, 2, 3, 6])('earns more than those beside it, at an exponent of %s', (priceExponent) => {
    const taste = { ...stated, priceExponent }
    const cost = 1e-4
    const earned = (price: number): number => (price - cost) * weightOf({ price, record: 1 }, taste)
    const best = bestPrice(cost, taste)!
    for (const times of [0.5, 0.9, 1.1, 2]) expect(earned(best)).toBeGreaterThan(earned(best * times))
  })

  it('is none when clients hardly look at prices', () => {
    expect(bestPrice(1e-4, { ...stated, priceExponent: 1 })).toBeUndefined()
  })
})

describe('a node that sells air', () => {
  it('sells one page in a while to each payer, however many try it', () => {
    const always = { ...stated, exploring: 1, forgetting: 6 }
    const most = (MARKET.payers * MARKET.asked) / always.forgetting
    expect(airIncome({ ...MARKET, units: 1e9 }, always)).toBeLessThanOrEqual(most)
    expect(airIncome({ ...MARKET, units: 1e9 }, always)).toBeGreaterThan(0.999 * most)
  })

  it('sells its share of the tries when nobody remembers', () => {
    const forgetful = { ...stated, exploring: 0.1, forgetting: 0 }
    const tries = (0.1 * MARKET.payers * MARKET.units) / (MARKET.serving + 1)
    expect(airIncome(MARKET, forgetful)).toBeCloseTo(tries * MARKET.asked, 9)
  })

  it('sells nothing to clients that try nobody', () => {
    expect(airIncome(MARKET, { ...stated, exploring: 0 })).toBe(0)
  })
})
