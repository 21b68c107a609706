import { describe, expect, it } from 'vitest'
import { suiteName, type Test, testsOf } from './edr.ts'
import type { Mutant } from './mutants.ts'
import { Plan } from './plan.ts'

function mutant(file: string, name = 'pay: a → b'): Mutant {
  return { id: '', name, file, operator: '', line: 1, before: '', after: '', edits: new Map() }
}

const PAY = mutant('contracts/A.sol')
const CLOSE = mutant('contracts/A.sol', 'close: a → b')
const [a, b, walk] = ['test/A.t.sol:A', 'test/B.t.sol:B', 'test/invariants/C.t.sol:C'] as const
const TESTS: Test[] = [
  { suite: walk, test: 'invariant_holds()' },
  { suite: a, test: 'test_1()' },
  { suite: a, test: 'test_2()' },
  { suite: a, test: 'testFuzz_3(uint8)' },
  { suite: b, test: 'test_4()' },
]
const order = (plan: Plan, of: Mutant): string[] =>
  plan.steps(of, TESTS).map(({ suite, tests }) => `${suite.slice(-1)} ${tests.join(' ')}`)

describe('Plan', () => {
  it('runs suites one by one, random walks last, as long as nothing is known', () => {
    expect(order(new Plan(), PAY)).toEqual([
      'A test_1() test_2() testFuzz_3(uint8)',
      'B test_4()',
      'C invariant_holds()',
    ])
  })

  it('begins with what noticed the last mutants of the same function, each alone', () => {
    const plan = new Plan()
    plan.note(CLOSE, ['B.test_4()'])
    plan.note(CLOSE, ['B.test_4()'])
    plan.note(PAY, ['A.test_1()', 'A.testFuzz_3(uint8)'])
    plan.note(PAY, ['A.test_2()'])
    expect(order(plan, PAY)).toEqual([
      'A test_2()',
      'A test_1()',
      'B test_4()',
      'A testFuzz_3(uint8)',
      'C invariant_holds()',
    ])
  })

  it('runs every test once, whatever noticed others', () => {
    const plan = new Plan()
    plan.note(CLOSE, ['A.test_2()', 'X.test_gone()'])
    const ran = plan.steps(PAY, TESTS).flatMap(({ suite, tests }) => tests.map((test) => `${suite} ${test}`))
    expect(ran.sort()).toEqual(TESTS.map(({ suite, test }) => `${suite} ${test}`).sort())
  })
})

describe('testsOf', () => {
  it('names tests with the types of their arguments', () => {
    const tuple = { type: 'tuple[2]', components: [{ type: 'address' }, { type: 'bytes' }] }
    const abi = [
      { type: 'function', name: 'test_pays', inputs: [] },
      { type: 'function', name: 'testFuzz_pays', inputs: [{ type: 'uint8' }, tuple] },
      { type: 'function', name: 'setUp', inputs: [] },
      { type: 'error', name: 'testError', inputs: [] },
    ]
    const id = { source: 'test/A.t.sol', name: 'A', solcVersion: '' }
    expect(testsOf({ id, contract: { abi: JSON.stringify(abi) } })).toEqual([
      { suite: suiteName(id), test: 'test_pays()' },
      { suite: suiteName(id), test: 'testFuzz_pays(uint8,(address,bytes)[2])' },
    ])
  })
})
