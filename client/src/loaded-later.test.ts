import { describe, expect, it } from 'vitest'
import { loadedLater } from './loaded-later.ts'

const api = {
  add: async (a: number, b: number) => a + b,
  fail: async () => Promise.reject(new RangeError('no')),
}

describe('an API that is loaded later', () => {
  it('is loaded once, with its first call, and does what it does', async () => {
    let loads = 0
    const later = loadedLater(async () => (loads++, api))
    expect(await Promise.resolve(later)).toBe(later)
    expect(loads).toBe(0)
    expect(await Promise.all([later.add(1, 2), later.add(3, 4)])).toEqual([3, 7])
    await expect(later.fail()).rejects.toThrow('no')
    expect(loads).toBe(1)
  })

  it('says why it could not be loaded, and tries again', async () => {
    let online = false
    const later = loadedLater(async () => {
      if (!online) throw new TypeError('offline')
      return api
    })
    await expect(later.add(1, 2)).rejects.toThrow('offline')
    online = true
    expect(await later.add(1, 2)).toBe(3)
  })
})
