import fc from 'fast-check'
import { bytesToHex, size } from 'viem'
import { describe, expect, it } from 'vitest'
import { forgeries, guesses, seeded } from './evidence.ts'

describe('evidence that is made up', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(guesses(5n, seeded(1))).toEqual(guesses(5n, seeded(1)))
    expect(guesses(5n, seeded(1))).not.toEqual(guesses(5n, seeded(2)))
  })

  it('is empty, an answer, and a length that lies, among others', () => {
    const made = guesses(2n, seeded(1))
    expect(made).toContain('0x')
    expect(made).toContain(`0x${'02'.padStart(64, '0')}${'01'.padStart(64, '0')}`)
    expect(made.some((guess) => guess.startsWith(`0x${'20'.padStart(64, '0')}ff`))).toBe(true)
  })
})

describe('evidence that is forged', () => {
  it('is never what was given, and each only once', () => {
    const given = fc.uint8Array({ maxLength: 400 }).map((bytes) => bytesToHex(bytes))
    fc.assert(
      fc.property(given, fc.integer(), (evidence, seed) => {
        const forged = forgeries(evidence, seeded(seed))
        expect(forged).not.toContain(evidence)
        expect(new Set(forged).size).toBe(forged.length)
        expect(forged.length).toBeGreaterThanOrEqual(2)
      }),
      { numRuns: 30 },
    )
  })

  it('changes every word of three', () => {
    const evidence = bytesToHex(new Uint8Array(96).fill(7))
    const changed = new Set(
      forgeries(evidence, seeded(1))
        .filter((forged) => size(forged) === 96)
        .map((forged) => [0, 1, 2].filter((at) => word(forged, at) !== word(evidence, at)).join()),
    )
    expect(changed).toEqual(new Set(['0', '1', '2']))
  })
})

const word = (hex: string, at: number) => hex.slice(2 + at * 64, 66 + at * 64)
