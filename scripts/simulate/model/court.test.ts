import { describe, expect, it } from 'vitest'
import { assumed } from '../assumptions.ts'
import { findThreshold } from '../bisect.ts'
import { readFacts } from '../facts.ts'
import { answerCosts, bondGas, challengerGains, dropperLoses } from './court.ts'
import { gasCost } from './money.ts'

const facts = await readFacts()
const stated = assumed()
const LEAVES = 4_096

describe('a challenge', () => {
  it('asks for a bond of three answers, as test/contracts/gas/CourtsGas.t.sol has it', () => {
    const counted = bondGas(LEAVES, facts) / facts.court.bondFactor
    expect(facts.gas.drawAndAnswer).toBeLessThanOrEqual(counted)
    expect(facts.gas.drawAndAnswer + 20_000).toBeGreaterThan(counted)
  })

  it('pays a client whose content is gone from the liability whose tenth is the gas', () => {
    const gas = gasCost(facts.gas.challenge + facts.gas.draw + facts.gas.convict, stated)
    const pays = (liability: number): boolean =>
      challengerGains({ leaves: LEAVES, liability, missing: 1 }, facts, stated) > 0
    expect(findThreshold(pays, 1e-6, 1e6)).toBeCloseTo(gas / facts.court.rewardShare, 9)
  })

  it('costs a client whose content is there its bond and its gas, and the node nothing', () => {
    const cost = gasCost(bondGas(LEAVES, facts) + facts.gas.challenge, stated)
    expect(challengerGains({ leaves: LEAVES, liability: 1e6, missing: 0 }, facts, stated)).toBeCloseTo(
      -cost,
      12,
    )
    expect(answerCosts(LEAVES, 1, facts, stated)).toBeLessThan(0)
    expect(answerCosts(LEAVES, 4, facts, stated)).toBeGreaterThan(0)
  })

  it('takes from a node in proportion to what it dropped', () => {
    expect(dropperLoses({ leaves: LEAVES, liability: 8, missing: 0.5 }, 0.25)).toBe(1)
  })
})
