import { describe, expect, it } from 'vitest'
import { freeQuota } from './quota.ts'

describe('freeQuota', () => {
  it('gives each peer its units of each service in each window, whole requests only', () => {
    let now = 0
    const quota = freeQuota({ perWindow: 3, windowSeconds: 10, maxPeers: 100, now: () => now })
    expect(quota.take('a', 'store', 2)).toBe(true)
    expect(quota.take('a', 'store', 2)).toBe(false)
    expect(quota.take('a', 'store', 1)).toBe(true)
    expect(quota.take('a', 'store', 1)).toBe(false)
    expect(quota.take('a', 'push', 3)).toBe(true)
    expect(quota.take('b', 'store', 3)).toBe(true)
    now = 10_000
    expect(quota.take('a', 'store', 3)).toBe(true)
  })

  it('remembers only so many peers: the longest unseen one is forgotten', () => {
    const quota = freeQuota({ perWindow: 1, windowSeconds: 10, maxPeers: 2, now: () => 0 })
    for (const peer of ['a', 'b', 'c']) expect(quota.take(peer, 'store', 1)).toBe(true)
    expect(quota.take('c', 'store', 1)).toBe(false)
    expect(quota.take('a', 'store', 1)).toBe(true)
  })
})
