import { describe, expect, it } from 'vitest'
import { assumed } from '../assumptions.ts'
import { readFacts } from '../facts.ts'
import { membersToLive } from '../scenarios/operators.ts'
import { untilItPays } from '../scenarios/start.ts'
import { capitalCost, equalLoad, honestBooks, setUpGas } from './books.ts'
import { feeIncome } from './income.ts'
import { gasCost, MONTH } from './money.ts'

const facts = await readFacts()
const stated = assumed()

describe('an honest operator', () => {
  it('breaks even at the number of members that its costs, divided by what a member brings, give', () => {
    const fee = feeIncome(stated.limit, facts)
    const claim = gasCost((facts.gas.claimEach * MONTH) / facts.membership.term, stated)
    const fixed =
      stated.machine +
      capitalCost(facts.staking.minimum, stated) +
      gasCost(setUpGas(facts) / stated.lifetime, stated)
    const expected = fixed / (fee - claim)
    expect(expected * fee, 'within what the least stake lets through').toBeLessThan(25)
    expect(membersToLive(facts, stated)).toBeCloseTo(expected, 6)
  })

  it('lives on no number of members when claiming costs more than the fee', () => {
    expect(membersToLive(facts, assumed({ gasPrice: 50 }))).toBeUndefined()
  })

  it('has a profit that is what comes in less what goes out', () => {
    const books = honestBooks(facts, stated, equalLoad(stated))
    const out = books.machine + books.service + books.gas + books.capital
    expect(books.profit).toBeCloseTo(books.fees + books.vouchers - out, 9)
    expect(books.vouchers).toBeCloseTo(
      (stated.clients / stated.operators) * stated.payingShare * stated.paidPages * facts.price.page,
      9,
    )
  })

  it('stakes more when its members bring more than the least stake lets through', () => {
    const books = honestBooks(facts, stated, { members: 10_000, payers: 0, pages: 0 })
    expect(books.stake).toBeCloseTo((books.fees * facts.staking.creditSeconds) / MONTH, 6)
    expect(books.stake).toBeGreaterThan(facts.staking.minimum)
  })

  it('waits less for profit the faster its network grows', () => {
    const given = { facts, assumed: stated, seed: 1 }
    const waits = [0.05, 0.1, 0.3].map((growth) => untilItPays(given, growth).month)
    expect(waits).toEqual([...waits].sort((a, b) => b - a))
    // 300 × 1.1^n members divided by three reach what one operator lives on.
    const needed = Math.ceil(Math.log((3 * membersToLive(facts, stated)!) / 300) / Math.log(1.1))
    expect(untilItPays(given, 0.1).month).toBe(needed)
  })
})
