import { describe, expect, it } from 'vitest'
import { FIELD } from './field.ts'
import { randomScalar } from './random.ts'

const DRAWS = 4_000

describe('random scalars', () => {
  const drawn = Array.from({ length: DRAWS }, randomScalar)

  it('are below the field’s order, and never the same twice', () => {
    expect(drawn.every((value) => value >= 0n && value < FIELD)).toBe(true)
    expect(new Set(drawn).size).toBe(DRAWS)
  })

  it('fill the field evenly: sixteen parts of it, six standard deviations', () => {
    const parts = new Array<number>(16).fill(0)
    for (const value of drawn) parts[Number((value * 16n) / FIELD)]!++
    const expected = DRAWS / 16
    const deviation = Math.sqrt(expected * (15 / 16))
    for (const count of parts) expect(Math.abs(count - expected)).toBeLessThan(6 * deviation)
  })
})
