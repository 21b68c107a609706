import { describe, expect, it } from 'vitest'
import { type Lane, lanes } from './lanes.ts'

/** Serves for `steps` steps; a step of each lane takes what `costs` says. Returns the time of each. */
function serve(costs: Record<Lane, number>, steps: number, shared = lanes()) {
  const spent = { trusted: 0, other: 0 }
  for (let step = 0; step < steps; step++) {
    const lane = shared.next(true, true)!
    shared.spent(lane, costs[lane])
    spent[lane] += costs[lane]
  }
  return spent
}

describe('lanes', () => {
  it.each([
    { trusted: 80, other: 13 },
    { trusted: 80, other: 90 },
    { trusted: 1, other: 200 },
  ])('leave trusted peers 90 % of the time, whatever a batch takes: %j', (costs) => {
    const { trusted, other } = serve(costs, 50_000)
    expect(trusted / (trusted + other)).toBeGreaterThan(0.89)
    expect(other / (trusted + other)).toBeGreaterThan(0.09)
  })

  it('serve whoever is alone', () => {
    const shared = lanes()
    expect(shared.next(true, false)).toBe('trusted')
    expect(shared.next(false, true)).toBe('other')
    expect(shared.next(false, false)).toBeUndefined()
  })

  it('save up nothing for a lane that had nothing waiting', () => {
    const shared = lanes()
    for (let step = 0; step < 100; step++) shared.spent(shared.next(true, false)!, 100)
    const { trusted, other } = serve({ trusted: 10, other: 10 }, 100, shared)
    expect(trusted / (trusted + other)).toBeGreaterThan(0.8)
  })
})
