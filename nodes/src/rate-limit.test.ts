import { describe, expect, it } from 'vitest'
import { rateLimit } from './rate-limit.ts'

describe('a rate limit', () => {
  it('takes many at once, or none of them', () => {
    let now = 0
    const limit = rateLimit(10, 5, () => now)
    expect([limit.take('a', 4), limit.take('a', 2), limit.take('a'), limit.take('a')]).toEqual([
      true,
      false,
      true,
      false,
    ])
    expect(limit.take('b', 5)).toBe(true)
    now = 200
    expect(limit.take('a', 2)).toBe(true)
  })

  it('takes what there can be at most for more than that', () => {
    const limit = rateLimit(1, 5, () => 0)
    expect([limit.take('a', 9), limit.take('a')]).toEqual([true, false])
  })
})
