import { describe, expect, it } from 'vitest'
import { windowCounter } from './window-counter.ts'

describe('windowCounter', () => {
  it('gives each peer its units of each service in each window, whole requests only', () => {
    let now = 0
    const limitOf = () => ({ units: 3, windowSeconds: 10 })
    const quota = windowCounter({ limitOf, maxPeers: 100, now: () => now })
    expect(quota.take('a', 'store', 2)).toBe(true)
    expect(quota.take('a', 'store', 2)).toBe(false)
    expect(quota.left('a', 'store')).toBe(1)
    expect(quota.take('a', 'store', 1)).toBe(true)
    expect(quota.take('a', 'store', 1)).toBe(false)
    expect(quota.take('a', 'push', 3)).toBe(true)
    expect(quota.take('b', 'store', 3)).toBe(true)
    now = 10_000
    expect(quota.left('a', 'store')).toBe(3)
    expect(quota.take('a', 'store', 3)).toBe(true)
  })

  it('remembers only so many peers: the longest unseen one is forgotten', () => {
    const limitOf = () => ({ units: 1, windowSeconds: 10 })
    const quota = windowCounter({ limitOf, maxPeers: 2, now: () => 0 })
    for (const peer of ['a', 'b', 'c']) expect(quota.take(peer, 'store', 1)).toBe(true)
    expect(quota.take('c', 'store', 1)).toBe(false)
    expect(quota.take('a', 'store', 1)).toBe(true)
  })

  it('remembers nobody for a service without a limit', () => {
    const limitOf = (service: string) => ({ units: service === 'free' ? Infinity : 1, windowSeconds: 10 })
    const quota = windowCounter({ limitOf, maxPeers: 1, now: () => 0 })
    expect(quota.take('a', 'scarce', 1)).toBe(true)
    expect(quota.take('b', 'free', 1_000_000)).toBe(true)
    expect(quota.take('a', 'scarce', 1)).toBe(false)
  })
})
