// Runs the tests on one mutant after another, for pool.ts, in a process of its own that can be ended when a mutant hangs.
import { readFileSync } from 'node:fs'
import type { Artifact } from './compile.ts'
import { suiteName, suitesOf, testRunner, type Verdict } from './edr.ts'
import { type Answer, GAVE_UP, type Order } from './order.ts'

const LOOK_MS = 1_000
const [build = ''] = process.argv.slice(2)
const artifacts = JSON.parse(readFileSync(build, 'utf8')) as Artifact[]
const suites = new Map(suitesOf(artifacts).map((id) => [suiteName(id), id]))
const run = await testRunner(artifacts)

async function answer({ mutant, seed, steps, deaf, toEnd = false }: Order): Promise<Answer> {
  const before = spentMs()
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
    if (verdicts.length === 0) throw new TypeError(`no test of ${suite} has such a name: ${tests.join(', ')}`)
    ran += verdicts.length
    failed.push(...verdicts.filter(({ passed, test }) => !passed && !isDeaf(test)))
  }
  return { failed, ran, spentMs: spentMs() - before, marks: [...marks] }
}

/** Processor time of this process so far, in milliseconds. */
function spentMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

process.on('message', (order: Order) => {
  const before = spentMs()
  const watch = setInterval(() => {
    if (spentMs() - before > order.mostMs) process.exit(GAVE_UP)
  }, LOOK_MS)
  void answer(order).then(
    (found) => {
      clearInterval(watch)
      process.send?.(found)
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
