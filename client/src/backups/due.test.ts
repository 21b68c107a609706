import { describe, expect, it } from 'vitest'
import { gaveUp, isDue, made, trying } from './due.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = 1_800_000_000_000
const NONE = { device: 'ab' }

describe('a backup is due', () => {
  it('at once where there was none', () => {
    expect(isDue(NONE, 'a', NOW)).toBe(true)
  })

  it('for what has changed, a day after the last at the earliest and a day and a half at the latest', () => {
    for (const drawn of [0, 0.5, 0.999]) {
      const kept = made(NONE, 'a', NOW, drawn)
      expect(isDue(kept, 'b', NOW + DAY - 1)).toBe(false)
      expect(isDue(kept, 'b', NOW + 1.5 * DAY)).toBe(true)
    }
    expect(isDue(made(NONE, 'a', NOW, 0.5), 'b', NOW + 1.25 * DAY - 1)).toBe(false)
    expect(isDue(made(NONE, 'a', NOW, 0.5), 'b', NOW + 1.25 * DAY)).toBe(true)
  })

  it('for what has not, after a week', () => {
    const kept = made(NONE, 'a', NOW)
    expect(isDue(kept, 'a', NOW + 7 * DAY - 1)).toBe(false)
    expect(isDue(kept, 'a', NOW + 7 * DAY)).toBe(true)
  })

  it('not while another one is made, unless that takes ten minutes', () => {
    const kept = trying(NONE, NOW)
    expect(isDue(kept, 'a', NOW + 600_000 - 1)).toBe(false)
    expect(isDue(kept, 'a', NOW + 600_000)).toBe(true)
    expect(isDue(gaveUp(kept), 'a', NOW + 1)).toBe(true)
  })

  it('as before where one could not be made', () => {
    const kept = made(NONE, 'a', NOW)
    expect(gaveUp(trying(kept, NOW + 9 * DAY))).toEqual(kept)
  })
})
