import { describe, expect, it } from 'vitest'
import { randomFrom } from '../simulate/random.ts'
import { randomGraph } from './graph.ts'
import { at, quantile } from './measured.ts'
import { memoryAt, memoryOf } from './memory.ts'
import { spread, type Spread } from './spread.ts'
import { bytesPerMessage, copies } from './traffic.ts'
import { ASSUMED, loadOf } from './world.ts'

const CALM: Spread = {
  nodes: 1_000,
  meshSizes: [6],
  connections: 20,
  weather: { delayMs: [100, 100], loss: 0 },
  segments: 2,
  rate: 1,
  hopMs: [10],
  networks: 3,
  seed: 1,
}

describe('a random graph', () => {
  it.each([10, 100, 2_000])('of %i nodes joins each with as many as it should, once, both ways', (nodes) => {
    const { first, to } = randomGraph(nodes, [4, 6, 8], randomFrom(1))
    const peersOf = (node: number) => [...to.subarray(first[node], first[node + 1])]
    let halves = 0
    for (let node = 0; node < nodes; node++) {
      const peers = peersOf(node)
      halves += peers.length
      expect(new Set(peers).size).toBe(peers.length)
      expect(peers).not.toContain(node)
      for (const peer of peers) expect(peersOf(peer)).toContain(node)
    }
    expect(halves / nodes).toBeGreaterThan(5)
    expect(halves / nodes).toBeLessThan(6.5)
  })
})

describe('how a message spreads', () => {
  it('takes as many hops as a tree of that degree: here a hop is 110 ms, after 10 at the first node', () => {
    const hops = (nodes: number) =>
      new Set(spread({ ...CALM, nodes }).map((ms) => Math.round((ms - 10) / 110)))
    expect(hops(21)).toEqual(new Set([1]))
    expect(Math.max(...hops(1_000))).toBeLessThanOrEqual(5)
    expect(Math.max(...hops(1_000))).toBeGreaterThanOrEqual(4)
  })

  it('grows with the logarithm of the nodes', () => {
    const [small, large] = [1_000, 30_000].map((nodes) => at(spread({ ...CALM, nodes, networks: 1 }), 0.95))
    expect(large! / small!).toBeLessThan(2)
    expect(large).toBeGreaterThan(small!)
  })

  it('is held up by loss, and by nodes that take longer', () => {
    const p99 = (change: Partial<Spread>) => at(spread({ ...CALM, ...change }), 0.99)
    expect(p99({ weather: { delayMs: [100, 100], loss: 0.3 } })).toBeGreaterThan(p99({}))
    expect(p99({ hopMs: [60] })).toBeGreaterThan(p99({}) + 100)
  })

  it('is the same again from the same seed', () => {
    expect(spread(CALM)).toEqual(spread(CALM))
    const lossy = { ...CALM, weather: { delayMs: [50, 150], loss: 0.02 } as const }
    expect(spread({ ...lossy, seed: 2 })).not.toEqual(spread(lossy))
  })
})

describe('what a message costs', () => {
  const one = { nodes: 1_000, mesh: 7, connections: 20, messageBytes: 1_000, topicBytes: 20, rate: 1 }

  it('is a copy from each mesh peer but one', () => {
    expect(copies(one)).toBeCloseTo(6, 1)
    expect(copies({ nodes: 2, mesh: 1, connections: 1 })).toBe(0.5)
  })

  it('is more for each message when there are few, since gossip tells of each three times', () => {
    expect(bytesPerMessage({ ...one, rate: 0.1 })).toBeGreaterThan(bytesPerMessage({ ...one, rate: 10 }))
    expect(bytesPerMessage({ ...one, connections: 7 })).toBeLessThan(bytesPerMessage(one))
  })

  it('of memory is a line through what was measured', () => {
    const line = memoryOf([
      { connections: 10, memoryBytes: 3e6 },
      { connections: 20, memoryBytes: 4e6 },
    ])
    expect(memoryAt(line, 40)).toBeCloseTo(6e6)
    expect(memoryAt(memoryOf([{ connections: 9, memoryBytes: 3e6 }]), 40)).toBe(3e6)
  })

  it('for a billion users is shared by all nodes', () => {
    const cost = { bytes: 15_000, cpuMs: 5, storedBytes: 2_400 }
    const [few, many] = [loadOf(10_000, cost), loadOf(1_000_000, cost)]
    expect(few.messagesPerSecond / many.messagesPerSecond).toBeCloseTo(100)
    // All that is said, times the nodes that carry it, over the nodes there are.
    const said = ((ASSUMED.users * ASSUMED.messagesPerUserDay) / 86_400) * ASSUMED.peak
    expect(many.messagesPerSecond).toBeCloseTo((said * ASSUMED.nodesPerShard) / 1e6, 0)
    expect(many.diskBytes).toBe((1e9 * 40 * 30 * 10 * 2_400) / 1e6)
  })
})

it('a quantile is a value that is there', () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2)
  expect(quantile([], 0.5)).toBe(Number.POSITIVE_INFINITY)
})
