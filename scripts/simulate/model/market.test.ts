import { describe, expect, it } from 'vitest'
import { assumed } from '../assumptions.ts'
import { readFacts } from '../facts.ts'
import { randomFrom } from '../random.ts'
import { joined, membersOf, NOBODY, takers } from './field.ts'
import { census, createMarket } from './market.ts'
import { membersOver } from './payoff.ts'
import { settleRule, type Rule } from './rules.ts'
import type { Operator, Strategy } from './strategies.ts'

const facts = await readFacts()
const small = assumed({ candidates: 200, clients: 80_000 })

function marketFrom(start: Strategy, over = {}, seed = 1) {
  return createMarket({ facts, assumed: { ...small, ...over }, random: randomFrom(seed), start: () => start })
}

function after(months: number, start: Strategy, over = {}) {
  const market = marketFrom(start, over)
  for (let month = 0; month < months; month++) market.step()
  return census(market.operators)
}

describe('a market of best replies', () => {
  it('is the same for the same seed, and another for another', () => {
    const run = (seed: number) => {
      const market = marketFrom('serve', {}, seed)
      for (let month = 0; month < 6; month++) market.step()
      return JSON.stringify(market.operators)
    }
    expect(run(1)).toBe(run(1))
    expect(run(1)).not.toBe(run(2))
  })

  it.each(['air', 'idle', 'away'] as const)('comes to serve, having begun with %s', (start) => {
    const end = after(60, start)
    expect(end.operators.serve).toBeGreaterThan(50)
    expect(end.served).toBeGreaterThan(0.9)
  })

  it('goes away when the fees do not feed anybody', () => {
    const end = after(60, 'serve', { clients: 500 })
    expect(end.operators.serve).toBeLessThan(3)
  })

  it('sells air when clients remember nothing and always look around', () => {
    const end = after(60, 'serve', { exploring: 1, forgetting: 1e-6, limit: 1 })
    expect(end.operators.air).toBeGreaterThan(end.operators.serve)
  })
})

describe('members', () => {
  const operator = (strategy: Strategy): Operator => ({
    quality: 2,
    machine: 1,
    strategy,
    price: 0.001,
    members: 0,
  })

  it('are each somebody’s, in proportion to quality', () => {
    const all = [
      operator('serve'),
      { ...operator('wash'), quality: 1 },
      operator('kickback'),
      operator('idle'),
    ]
    const field = all.reduce((sum, one) => joined(sum, one, small), NOBODY)
    const counts = all.map((one) => membersOf(one, field, facts, small))
    expect(counts.reduce((a, b) => a + b)).toBeCloseTo(small.clients, 6)
    expect(counts[0]).toBeCloseTo(2 * counts[1]!, 6)
    expect(counts[3]).toBe(0)
  })

  it('leave by the part that looks each month: the mean is that of the months', () => {
    const { horizon, reviewing } = small
    const months = Array.from({ length: horizon }, (_, month) => 100 + 900 * (1 - reviewing) ** month)
    expect(membersOver(1_000, 100, small)).toBeCloseTo(months.reduce((a, b) => a + b) / horizon, 9)
  })

  it('take a rebate when it is more than what they would miss', () => {
    expect(takers(0, small)).toBe(0)
    expect(takers(small.quotaWorth * Math.LN2, small)).toBeCloseTo(0.5, 12)
  })
})

describe('a rule by which fees are shared out', () => {
  const world = { operators: 100, fees: 2_500, demand: 300, machine: 20, cut: 0.1 }
  const of = (rule: Rule, over = {}) => settleRule(rule, { ...world, ...over }, randomFrom(3))

  it('by stake feeds no more servers than paid demand does, and gives the rest to those who idle', () => {
    expect(of('stake').serving).toBeCloseTo(world.demand / world.machine / world.operators, 9)
    expect(of('stake').toIdle).toBeGreaterThan(0.7)
  })

  it('by vouchers is washed until the reward is what washing costs', () => {
    expect(of('vouchers').washing).toBeGreaterThan(0.5)
    expect(of('vouchers', { cut: 100 }).washing).toBe(0)
  })

  it('by the member’s own direction makes all serve, and none wash, as long as the fees pay for machines', () => {
    expect(of('home')).toEqual({ serving: 1, washing: 0, toIdle: 0 })
    expect(of('home', { machine: 40 }).serving).toBeLessThan(1)
  })
})
