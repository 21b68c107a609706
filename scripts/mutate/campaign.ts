import { batches, type Failure, RedTests, runBatches } from './batches.ts'
import { buildApart, builds } from './build.ts'
import type { Artifact } from './compile.ts'
import { type Test, testName } from './edr.ts'
import type { Mutant, Sources } from './mutants.ts'
import type { Order } from './order.ts'
import { Plan, stepsOf } from './plan.ts'
import { Crashed, Hung, withWorkers, type Worker } from './pool.ts'
import type { Reach } from './reach.ts'
import type { Result } from './results.ts'

export type Outcome = Pick<Result, 'status' | 'by'>

export interface Campaign {
  readonly sources: Sources
  readonly reach: Reach
  readonly seed: number
  readonly workers: number
  readonly signal: AbortSignal
  say(text: string): void
  /** Told of each result as soon as it is known. */
  keep(mutant: Mutant, outcome: Outcome): void
}

/** The switches cost gas, which fails a test that gives only so much of it; more of them than this is another fault. */
const MOST_DEAF = 5
/** Processor time for a mutant: that of all tests without one, so often. */
const TIMES_THE_BASELINE = 3
const LEAST_MS = 30_000
const PATIENCE_MS = 600_000
const PROGRESS_MS = 10_000

/** A mutant with the tests that can notice it. */
interface Job {
  readonly mutant: Mutant
  readonly tests: readonly Test[]
  readonly number: number
}

/** Runs mutants, contract after contract. Answers the contracts of which that was not possible. */
export async function runMutants(mutants: readonly Mutant[], campaign: Campaign): Promise<Failure[]> {
  const { reach, signal, keep } = campaign
  const plan = new Plan()
  const tests = new Map(mutants.map((mutant) => [mutant, reach.testsOf(mutant)]))
  return await runBatches(batches(mutants), async (batch) => {
    if (signal.aborted) return
    const reached = batch.filter((mutant) => tests.get(mutant)!.length > 0)
    for (const mutant of batch) if (!reached.includes(mutant)) keep(mutant, { status: 'survived' })
    await runBatch(reached, tests, plan, campaign)
  })
}

async function runBatch(
  mutants: readonly Mutant[],
  tests: ReadonlyMap<Mutant, readonly Test[]>,
  plan: Plan,
  campaign: Campaign,
): Promise<void> {
  if (mutants.length === 0) return
  const { sources, signal, say, keep } = campaign
  const apart: Mutant[] = []
  let started = performance.now()
  for (const { packed, artifacts } of builds(mutants, sources, filesOf(mutants, tests), say)) {
    if (signal.aborted) return
    apart.push(...packed.apart)
    for (const mutant of packed.uncompilable) keep(mutant, { status: 'uncompilable' })
    const switched = [...packed.numbers]
    const names = [...new Set(switched.map(([{ file }]) => file))].join(', ')
    say(`${switched.length} mutants in one build of ${seconds(started)}: ${names}`)
    const jobs = switched.map(([mutant, number]) => ({ mutant, number, tests: tests.get(mutant) ?? [] }))
    if (jobs.length > 0) await runJobs(artifacts, jobs, plan, campaign)
    started = performance.now()
  }
  for (const [index, mutant] of apart.entries()) {
    if (signal.aborted) return
    say(`${index + 1} of ${apart.length} mutants that need a build of their own`)
    const artifacts = buildApart(mutant, sources, filesOf([mutant], tests))
    if (!artifacts) keep(mutant, { status: 'uncompilable' })
    else await runJobs(artifacts, [{ mutant, number: 0, tests: tests.get(mutant) ?? [] }], plan, campaign)
  }
}

/** The test files that are needed for some mutants. */
function filesOf(mutants: readonly Mutant[], tests: ReadonlyMap<Mutant, readonly Test[]>): string[] {
  const all = mutants.flatMap((mutant) => tests.get(mutant) ?? [])
  return [...new Set(all.map(({ suite }) => suite.slice(0, suite.lastIndexOf(':'))))].sort()
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1_000).toFixed(1)} s`
}

async function runJobs(
  artifacts: readonly Artifact[],
  jobs: readonly Job[],
  plan: Plan,
  campaign: Campaign,
): Promise<void> {
  const queue = [...jobs]
  const { seed, signal, say, keep } = campaign
  const switched = jobs.some(({ number }) => number > 0)
  let baseline: Promise<Baseline> | undefined
  const progress = { done: 0, survived: 0, started: performance.now(), shown: performance.now() }
  await withWorkers(artifacts, Math.min(campaign.workers, jobs.length), signal, async (worker) => {
    baseline ??= switched
      ? runBaseline(worker, jobs, campaign)
      : Promise.resolve({ deaf: [], mostMs: PATIENCE_MS })
    const { deaf, mostMs } = await baseline
    for (let next = queue.shift(); next && !signal.aborted; next = queue.shift()) {
      const { mutant, number, tests } = next
      const order = { mutant: number, seed, steps: plan.steps(mutant, tests), deaf, mostMs }
      const { noticed, ...outcome } = await runOne(worker, order, signal)
      plan.note(mutant, noticed)
      keep(mutant, outcome)
      progress.done++
      if (outcome.status === 'survived') progress.survived++
      if (performance.now() - progress.shown < PROGRESS_MS && progress.done < jobs.length) continue
      progress.shown = performance.now()
      const pace = (performance.now() - progress.started) / 1_000 / progress.done
      say(`${progress.done} of ${jobs.length}, ${progress.survived} survived, ${pace.toFixed(2)} s a mutant`)
    }
  })
}

interface Baseline {
  readonly deaf: readonly Test[]
  readonly mostMs: number
}

/** All tests without a mutant. */
async function runBaseline(worker: Worker, jobs: readonly Job[], campaign: Campaign): Promise<Baseline> {
  const { seed, say } = campaign
  const started = performance.now()
  const all = jobs.flatMap(({ tests }) => tests)
  const tests = [...new Map(all.map((test) => [testName(test), test])).values()]
  const order = { mutant: 0, seed, steps: stepsOf(tests), deaf: [], toEnd: true, mostMs: PATIENCE_MS }
  const { failed, ran, spentMs } = await worker.ask(order)
  if (failed.length > MOST_DEAF)
    throw new RedTests(failed.map((verdict) => `${testName(verdict)} ${verdict.reason}`))
  for (const test of failed) say(`does not count, since the switches alone fail it: ${testName(test)}`)
  say(`${ran - failed.length} tests pass without a mutant, ${seconds(started)}`)
  const mostMs = Math.max(LEAST_MS, TIMES_THE_BASELINE * spentMs)
  return { deaf: failed, mostMs }
}

interface Found extends Outcome {
  /** All tests that noticed it, of the step that did. */
  readonly noticed: readonly string[]
}

async function runOne(worker: Worker, order: Order, signal: AbortSignal): Promise<Found> {
  try {
    const { failed } = await worker.ask(order)
    const noticed = failed.map(testName)
    const [by] = noticed
    return by === undefined ? { status: 'survived', noticed } : { status: 'killed', by, noticed }
  } catch (error) {
    if (signal.aborted || !(error instanceof Hung || error instanceof Crashed)) throw error
    return { status: 'timeout', noticed: [] }
  }
}
