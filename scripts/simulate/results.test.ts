import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FOLDER, readResults, staleFiles, writeResults } from './files.ts'
import { claimsOf, differences, simulate } from './results.ts'
import { SCENARIOS } from './scenarios/index.ts'

describe('the committed results', () => {
  it('are what the present code, gas and parameters give (the quick scenarios; all in a deep run)', async () => {
    const found = await simulate(SCENARIOS.filter(({ slow }) => !slow))
    expect(differences(readResults(), found)).toEqual([])
  })

  it('hold every scenario, and every claim of theirs', () => {
    const { scenarios } = readResults()
    expect(Object.keys(scenarios)).toEqual(SCENARIOS.map(({ name }) => name))
    const failed = Object.values(scenarios)
      .flatMap(claimsOf)
      .filter(({ holds }) => !holds)
    expect(failed).toEqual([])
  })

  it('are what the plots beside them show', () => expect(staleFiles()).toEqual([]))
})

describe('what has changed', () => {
  it('is told: other gas, a lost scenario, a number in a table', () => {
    const kept = readResults()
    const gas = { ...kept, facts: { ...kept.facts, gas: { ...kept.facts.gas, collect: 1 } } }
    expect(differences(kept, gas)).toEqual([`/facts/gas/collect: ${kept.facts.gas.collect} is now 1`])
    const { air, ...rest } = kept.scenarios
    expect(differences({ ...kept, scenarios: rest }, { ...kept, scenarios: { air } })).toHaveLength(1)
    expect(differences({ n: [1, 2] }, { n: [1, 2.001] })).toHaveLength(1)
    expect(differences({ n: [1, 2] }, { n: [1, 2.0001] })).toEqual([])
  })

  it('is told: a plot that was edited, one too many, one too few', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plots-'))
    try {
      cpSync(FOLDER, folder, { recursive: true })
      expect(staleFiles(folder)).toEqual([])
      writeFileSync(join(folder, 'air.svg'), '<svg/>')
      writeFileSync(join(folder, 'old.svg'), '<svg/>')
      rmSync(join(folder, 'start.svg'))
      expect(staleFiles(folder).sort()).toEqual(['air.svg', 'old.svg', 'start.svg'])
      writeResults(readResults(folder), folder)
      expect(staleFiles(folder)).toEqual([])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('fails a claim: an attack that pays and was not known to, or does not and was', () => {
    const attack = { name: 'try', cost: 1, gain: 2, harm: 0, per: 'try' }
    const outcome = { tables: [], thresholds: [], plots: [], claims: [] }
    const holds = (attacks: (typeof attack & { pays?: boolean })[]) =>
      claimsOf({ ...outcome, attacks }).map((claim) => claim.holds)
    expect(
      holds([attack, { ...attack, pays: true }, { ...attack, gain: 0 }, { ...attack, gain: 0, pays: true }]),
    ).toEqual([false, true, true, false])
  })
})
