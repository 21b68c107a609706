import { type Budget, type Test, testName } from './edr.ts'
import type { Mutant } from './mutants.ts'
import type { Step } from './order.ts'

/** Random inputs are few on purpose: almost every mutant falls to a test without any. */
const UNIT: Budget = { fuzzRuns: 32, invariantRuns: 1, invariantDepth: 1 }
const WALK: Budget = { fuzzRuns: 1, invariantRuns: 16, invariantDepth: 64 }
/** How many tests run alone before whole suites do. */
const ALONE = 3

export function budgetOf(suite: string): Budget {
  return isWalk(suite) ? WALK : UNIT
}

function isWalk(suite: string): boolean {
  return suite.includes('/invariants/')
}

/** Whether a test's inputs are random. */
export function isRandom({ suite, test }: Test): boolean {
  return isWalk(suite) || !test.endsWith('()')
}

/** One step a suite. */
export function stepsOf(tests: readonly Test[]): Step[] {
  const bySuite = Map.groupBy(tests, ({ suite }) => suite)
  return [...bySuite].map(([suite, all]) => ({
    suite,
    tests: all.map(({ test }) => test),
    budget: budgetOf(suite),
  }))
}

/**
 * The order of the tests that can notice a mutant, since the first failure ends it: those that noticed the last mutants of the same function
 * or the most of all, each alone; then the others by suites, random walks last.
 */
export class Plan {
  readonly #kills = new Map<string, number>()
  readonly #last = new Map<string, string[]>()

  note(mutant: Mutant, noticed: readonly string[]): void {
    const place = placeOf(mutant)
    const last = this.#last.get(place) ?? []
    this.#last.set(place, [...new Set([...noticed, ...last])].slice(0, 2 * ALONE))
    for (const name of noticed) this.#kills.set(name, (this.#kills.get(name) ?? 0) + 1)
  }

  steps(mutant: Mutant, tests: readonly Test[]): Step[] {
    const kills = (test: Test): number => this.#kills.get(testName(test)) ?? 0
    const last = this.#last.get(placeOf(mutant)) ?? []
    const recent = (test: Test): number => {
      const index = last.indexOf(testName(test))
      return index < 0 ? last.length : index
    }
    const best = tests
      .filter((test) => !isRandom(test) && kills(test) > 0)
      .sort((a, b) => recent(a) - recent(b) || kills(b) - kills(a))
      .slice(0, ALONE)
    const rest = tests.filter((test) => !best.includes(test))
    const weight = ({ suite, tests: names }: Step): number =>
      isWalk(suite) ? -1 : names.reduce((sum, test) => sum + kills({ suite, test }), 0)
    return [
      ...best.flatMap((test) => stepsOf([test])),
      ...stepsOf(rest).sort((a, b) => weight(b) - weight(a)),
    ]
  }
}

/** The function around a mutant. */
function placeOf({ file, name }: Mutant): string {
  return `${file} ${name.slice(0, name.indexOf(':'))}`
}
