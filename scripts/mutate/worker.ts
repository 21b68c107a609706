// Runs the tests on one mutant after another, for main.ts, in a process of its own that can be ended when a mutant hangs.
import { readFileSync } from 'node:fs'
import type { Artifact } from './compile.ts'
import { type Budget, suiteName, suitesOf, testName, testRunner, type Verdict } from './edr.ts'

/** Suites that run together; the next stage runs only if all of these passed. */
export interface Stage {
  readonly suites: readonly string[]
  readonly budget: Budget
}

export interface Order {
  readonly mutant: number
  readonly seed: number
  readonly stages: readonly Stage[]
  /** Tests whose failure means nothing, by {@link testName}. */
  readonly deaf: readonly string[]
  /** Whether all stages run, whatever fails. */
  readonly toEnd?: boolean
}

export interface Answer {
  /** The tests that failed, of the first stage that has any; of all stages, if all were asked for. */
  readonly failed: readonly Verdict[]
  /** How many tests ran. */
  readonly tests: number
}

const [build = ''] = process.argv.slice(2)
const artifacts = JSON.parse(readFileSync(build, 'utf8')) as Artifact[]
const suites = new Map(suitesOf(artifacts).map((id) => [suiteName(id), id]))
const run = await testRunner(artifacts)

async function answer({ mutant, seed, stages, deaf, toEnd = false }: Order): Promise<Answer> {
  const failed: Verdict[] = []
  let tests = 0
  for (const stage of stages) {
    if (failed.length > 0 && !toEnd) break
    const chosen = stage.suites.flatMap((name) => suites.get(name) ?? [])
    const verdicts = await run(chosen, mutant, seed, stage.budget)
    tests += verdicts.length
    failed.push(...verdicts.filter((verdict) => !verdict.passed && !deaf.includes(testName(verdict))))
  }
  return { failed, tests }
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
