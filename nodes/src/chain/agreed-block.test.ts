import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agreedBlock, type Voter } from './agreed-block.ts'
import type { BlockRef } from './head.ts'

const block = (branch: string, number: number): BlockRef => ({
  number: BigInt(number),
  hash: `0x${branch}${number}`,
  parentHash: `0x${branch}${number - 1}`,
  timestamp: number,
})

/** A voter that has a branch up to a height. */
function voter(branch: string, height: number): Voter & { branch: string } {
  return {
    branch,
    head: block(branch, height),
    blockAt: async (number) => (number <= BigInt(height) ? block(branch, Number(number)) : undefined),
  }
}

describe('agreedBlock', () => {
  it('with a majority of honest voters is theirs, as new as a quorum of them, whatever the others say', async () => {
    const height = fc.integer({ min: 20, max: 40 })
    const liar = fc.record({
      branch: fc.constantFrom('x', 'y'),
      height: fc.integer({ min: 0, max: 1_000_000 }),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(height, { minLength: 2, maxLength: 5 }),
        fc.array(liar, { maxLength: 4 }),
        fc.nat(),
        async (honest, liars, seed) => {
          const total = honest.length + Math.min(liars.length, honest.length - 1)
          const quorum = Math.floor(total / 2) + 1
          const lying = liars.slice(0, honest.length - 1).map((one) => voter(one.branch, one.height))
          const voters = [...honest.map((one) => voter('a', one)), ...lying]
          const turned = voters.map((_, at) => voters[(at + seed) % voters.length]!)
          const found = await agreedBlock(turned, quorum, 64)
          const newest = honest.toSorted((a, b) => b - a)[quorum - 1]!
          expect(found?.block.hash.startsWith('0xa')).toBe(true)
          expect(Number(found!.block.number)).toBeGreaterThanOrEqual(newest)
          expect(found!.agree.every(({ branch }) => branch === 'a')).toBe(true)
          expect(found!.contradict.every(({ branch }) => branch !== 'a')).toBe(true)
        },
      ),
    )
  })

  it('is none while fewer than a quorum speak, or share nothing within the depth', async () => {
    expect(await agreedBlock([voter('a', 9)], 2, 64)).toBeUndefined()
    expect(await agreedBlock([], 1, 64)).toBeUndefined()
    expect(await agreedBlock([voter('a', 9), voter('b', 9)], 2, 64)).toBeUndefined()
  })
})
