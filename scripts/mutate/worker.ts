// Runs the tests on one mutant after another, for main.ts, in a process of its own that can be ended when a mutant hangs.
import { readFileSync } from 'node:fs'
import type { Artifact } from './compile.ts'
import { type Budget, suiteName, suitesOf, testRunner, type Verdict } from './edr.ts'

/** Suites that run together; the next stage runs only if all of these passed. */
export interface Stage {
  readonly suites: readonly string[]
  readonly budget: Budget
}

export interface Order {
  readonly mutant: number
  readonly seed: number
  readonly stages: readonly Stage[]
}

export interface Answer {
  /** The tests that failed, of the first stage that has any. */
  readonly failed: readonly Verdict[]
  /** How many tests ran. */
  readonly tests: number
}

const [build = ''] = process.argv.slice(2)
const artifacts = JSON.parse(readFileSync(build, 'utf8')) as Artifact[]
const suites = new Map(suitesOf(artifacts).map((id) => [suiteName(id), id]))
const run = await testRunner(artifacts)

async function answer({ mutant, seed, stages }: Order): Promise<Answer> {
  let tests = 0
  for (const stage of stages) {
    const chosen = stage.suites.flatMap((name) => suites.get(name) ?? [])
    const verdicts = await run(chosen, mutant, seed, stage.budget)
    tests += verdicts.length
    const failed = verdicts.filter(({ passed }) => !passed)
    if (failed.length > 0) return { failed, tests }
  }
  return { failed: [], tests }
}

process.on('message', (order: Order) => {
  void answer(order).then(
    (found) => process.send?.(found),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
