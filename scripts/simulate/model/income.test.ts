import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readFacts } from '../facts.ts'
import { feeIncome, mostIn, settled, split, stakeFor, steadyCap, streamed, type Bucket } from './income.ts'
import { MONTH } from './money.ts'

const DAY = 86_400n
const TEA = 1_000_000n
const facts = await readFacts()
const RULE = {
  creditSeconds: BigInt(facts.staking.creditSeconds),
  capDivisor: BigInt(facts.staking.capDivisor),
}
const bucket = (staked: bigint): Bucket => ({ staked, credit: 0n, updated: 0n })

describe('income credit, in the numbers of test/contracts/OperatorStakingIncome.t.sol', () => {
  it.each([
    [1n, 1n],
    [29n, 29n],
    [30n, 30n],
    [330n, 30n],
  ])('of 120 tokens after %s days is %s', (days, tokens) => {
    expect(settled(bucket(120n * TEA), days * DAY, RULE).credit).toBe(tokens * TEA)
  })

  it('lets no more through in any month than the closed form, which is half of the stake', () => {
    expect(mostIn(MONTH, 1, facts)).toBeCloseTo(0.5, 12)
    const pauses = fc.array(fc.integer({ min: 3_600, max: 4 * 86_400 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(fc.bigInt({ min: 4n, max: 10n ** 15n }), pauses, (staked, seconds) => {
        let now = settled(bucket(staked), 60n * DAY, RULE)
        const start = now.updated
        let drawn = 0n
        for (const pause of [0, ...seconds]) {
          now = settled(now, now.updated + BigInt(pause), RULE)
          if (now.updated > start + 30n * DAY) break
          drawn += now.credit
          now = { ...now, credit: 0n }
        }
        expect(drawn <= staked / 2n).toBe(true)
      }),
    )
  })

  it('lets through for good what stake × time ÷ credit period says, drawn every day', () => {
    let now = settled(bucket(120n * TEA), DAY, RULE)
    let drawn = 0n
    for (let day = 0; day < 30; day++) {
      drawn += now.credit
      now = settled({ ...now, credit: 0n }, now.updated + DAY, RULE)
    }
    expect(Number(drawn) / 1e6).toBeCloseTo(steadyCap(120, facts), 9)
  })

  it('needs the least stake whose income it is, and never less than the minimum', () => {
    fc.assert(
      fc.property(fc.double({ min: 26, max: 1e6, noNaN: true }), (monthly) => {
        expect(steadyCap(stakeFor(monthly, facts), facts)).toBeCloseTo(monthly, 6)
      }),
    )
    expect(stakeFor(1, facts)).toBe(facts.staking.minimum)
  })
})

describe('the fee of a membership', () => {
  const TERM = BigInt(facts.membership.term)
  const FEE = BigInt(Math.round(facts.membership.feePerMessage * 1e6)) * 100n

  it('streams evenly: half in half of the term, and parts add up to the unit', () => {
    expect(streamed(FEE, 0n, TERM / 2n, TERM)).toBe(FEE / 2n)
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 39n }),
        fc.bigInt({ min: 0n, max: TERM }),
        fc.bigInt({ min: 0n, max: TERM }),
        (from, a, b) => {
          const parts = streamed(FEE, from, from + a, TERM) + streamed(FEE, from + a, from + a + b, TERM)
          expect(parts).toBe(streamed(FEE, from, from + a + b, TERM))
        },
      ),
    )
  })

  it('goes to the home but for a tenth: 90 of 100, as test/contracts/HomeFees.t.sol has it', () => {
    expect(split(100n, BigInt(facts.membership.burnDivisor))).toEqual({ paid: 90n, burned: 10n })
  })

  it('brings a month what the stream brings', () => {
    const { paid } = split(streamed(FEE, 0n, BigInt(MONTH), TERM), BigInt(facts.membership.burnDivisor))
    expect(feeIncome(100, facts)).toBeCloseTo(Number(paid) / 1e6, 5)
  })
})
