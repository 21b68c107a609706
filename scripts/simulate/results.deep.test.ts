import { expect, it } from 'vitest'
import { readResults } from './files.ts'
import { claimsOf, differences, simulate } from './results.ts'
import { SCENARIOS } from './scenarios/index.ts'

it('the committed results are what all scenarios give', { timeout: 300_000 }, async () => {
  expect(differences(readResults(), await simulate(SCENARIOS))).toEqual([])
})

it.each([2, 3])(
  'what is claimed holds with the random numbers of seed %s, too',
  { timeout: 300_000 },
  async (seed) => {
    const { scenarios } = await simulate(
      SCENARIOS.filter(({ slow }) => slow),
      seed,
    )
    expect(
      Object.values(scenarios)
        .flatMap(claimsOf)
        .filter(({ holds }) => !holds),
    ).toEqual([])
  },
)
