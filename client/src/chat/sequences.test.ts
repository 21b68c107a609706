import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ackOf, covers, gapsOf, isStored, store, type Stored } from './sequences.ts'

const stored = (first: number, ...sequences: number[]): Stored =>
  sequences.reduce<Stored | undefined>((state, sequence) => store(state, sequence, first), undefined)!

describe('what it does', () => {
  it.each([
    { arrived: [1, 2, 3], through: 3, beyond: [], gaps: [] },
    { arrived: [1, 3], through: 1, beyond: [3], gaps: [{ count: 1, before: 3 }] },
    {
      arrived: [4, 2],
      through: 0,
      beyond: [2, 4],
      gaps: [
        { count: 1, before: 2 },
        { count: 1, before: 4 },
      ],
    },
    { arrived: [5, 1, 3, 2, 4], through: 5, beyond: [], gaps: [] },
  ])('after $arrived acknowledges through $through', ({ arrived, through, beyond, gaps }) => {
    const state = stored(1, ...arrived)
    expect(ackOf('ab', state)).toEqual({ device: 'ab', through, beyond })
    expect(gapsOf(state)).toEqual(gaps)
  })

  it('misses nothing from before the first that was sent to this device', () => {
    expect(gapsOf(stored(40, 40, 41))).toEqual([])
    expect(gapsOf(stored(40, 42))).toEqual([{ count: 2, before: 42 }])
  })

  it('keeps apart what arrived and what did not, in any order', () => {
    const some = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(some, (sequences) => {
        const state = stored(1, ...sequences)
        const ack = ackOf('ab', state)
        for (let n = 1; n <= 60; n++) {
          expect(isStored(state, n)).toBe(sequences.includes(n))
          expect(covers(ack, n)).toBe(sequences.includes(n))
        }
        const missing = gapsOf(state).reduce((sum, { count }) => sum + count, 0)
        expect(missing).toBe(Math.max(...sequences) - sequences.length)
      }),
    )
  })
})

describe('when it must refuse', () => {
  it('to keep track of holes without bound', () => {
    const odd = Array.from({ length: 1_000 }, (_, n) => 2 * n + 1)
    const full = stored(1, ...odd)
    expect(store(full, 5_001, 1)).toBeUndefined()
    expect(store(full, 2, 1)).toBeDefined() // what closes a hole is welcome
  })
})
