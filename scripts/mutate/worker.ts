// Runs the tests on one mutant after another, for pool.ts, in a process of its own that can be ended when a mutant hangs.
import { readFileSync } from 'node:fs'
import type { Artifact } from './compile.ts'
import { type Budget, suiteName, suitesOf, type Test, testRunner, type Verdict } from './edr.ts'

/** Tests of one suite that run together; the next step runs only if all of these passed. */
export interface Step {
  readonly suite: string
  readonly tests: readonly string[]
  readonly budget: Budget
}

export interface Order {
  readonly mutant: number
  readonly seed: number
  readonly steps: readonly Step[]
  /** Tests whose failure means nothing. */
  readonly deaf: readonly Test[]
  /** Whether all steps run, whatever fails. */
  readonly toEnd?: boolean
}

export interface Answer {
  /** The tests that failed, of the first step that has any; of all steps, if all were asked for. */
  readonly failed: readonly Verdict[]
  /** How many tests ran. */
  readonly ran: number
  /** Marks (in hex) that were passed, if the sources have marks. */
  readonly marks: readonly string[]
}

const [build = ''] = process.argv.slice(2)
const artifacts = JSON.parse(readFileSync(build, 'utf8')) as Artifact[]
const suites = new Map(suitesOf(artifacts).map((id) => [suiteName(id), id]))
const run = await testRunner(artifacts)

async function answer({ mutant, seed, steps, deaf, toEnd = false }: Order): Promise<Answer> {
  const failed: Verdict[] = []
  const marks = new Set<string>()
  let ran = 0
  for (const { suite, tests, budget } of steps) {
    if (failed.length > 0 && !toEnd) break
    const id = suites.get(suite)
    if (!id) throw new TypeError(`there is no suite ${suite}`)
    const isDeaf = (name: string): boolean =>
      deaf.some((other) => other.suite === suite && other.test === name)
    const verdicts = await run({ suite: id, tests, mutant, seed, budget, mark: (each) => marks.add(each) })
    ran += verdicts.length
    failed.push(...verdicts.filter(({ passed, test }) => !passed && !isDeaf(test)))
  }
  return { failed, ran, marks: [...marks] }
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
