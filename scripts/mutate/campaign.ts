import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Artifact, buildTests, check, CompileError, ROOT } from './compile.ts'
import { suiteName, suitesOf, testName } from './edr.ts'
import type { Mutant, Sources } from './mutants.ts'
import { type Pack, pack, tooDeep } from './pack.ts'
import { Crashed, Hung, Worker } from './pool.ts'
import type { Result, Results } from './results.ts'
import { apply } from './schemata.ts'
import type { Answer, Order, Stage } from './worker.ts'

export interface Campaign {
  readonly sources: Sources
  readonly results: Results
  /** Hash of the tests. */
  readonly tests: string
  readonly seed: number
  readonly workers: number
  readonly signal: AbortSignal
  say(text: string): void
}

/** The tests are few and small on purpose: almost every mutant falls to the first stage. */
const UNIT = { fuzzRuns: 32, invariantRuns: 1, invariantDepth: 1 }
const WALK = { fuzzRuns: 1, invariantRuns: 4, invariantDepth: 40 }
/** The switches cost gas, which fails a test that gives only so much of it; more of them than this is another fault. */
const MOST_DEAF = 5
/** How many suites the first stage has. */
const FIRST = 2
const LEAST_TIMEOUT_MS = 60_000
const TIMES_THE_BASELINE = 10
/** The engine crashes now and then whatever it runs; a mutant that crashes it this often in a row is the reason. */
const CRASHES = 3
const PROGRESS_MS = 10_000

/** The tests are red without any mutant, so nothing can be said about mutants. */
export class RedTests extends Error {}

/** Runs those of the mutants of `file` that are given, in this order, and keeps each result as soon as it is known. */
export async function runMutants(
  file: string,
  mutants: readonly Mutant[],
  campaign: Campaign,
): Promise<void> {
  const { results, tests, say } = campaign
  const started = performance.now()
  const { packed, artifacts } = build(mutants, campaign)
  const keep = (mutant: Mutant, rest: Omit<Result, 'mutant' | 'tests'>): void =>
    results.add({ mutant: mutant.id, tests, ...rest })
  for (const mutant of packed.uncompilable) keep(mutant, { status: 'uncompilable' })
  say(`${file}: ${packed.numbers.size} mutants in one build of ${seconds(started)}`)
  const queue = [...packed.numbers].map(([mutant, number]) => ({ mutant, number }))
  await runQueue(file, artifacts, queue, keep, campaign)
  for (const [index, mutant] of packed.apart.entries()) {
    if (campaign.signal.aborted) return
    say(`${file}: ${index + 1} of ${packed.apart.length} mutants that need a build of their own`)
    await runApart(file, mutant, keep, campaign)
  }
}

type Keep = (mutant: Mutant, rest: Omit<Result, 'mutant' | 'tests'>) => void

function seconds(since: number): string {
  return `${((performance.now() - since) / 1_000).toFixed(1)} s`
}

function build(
  mutants: readonly Mutant[],
  { sources, say }: Campaign,
): { packed: Pack; artifacts: Artifact[] } {
  const inPlace = new Set<number>()
  for (;;) {
    const packed = pack(mutants, sources, inPlace)
    try {
      return { packed, artifacts: buildTests(packed.changed) }
    } catch (error) {
      if (!(error instanceof CompileError)) throw error
      const functions = [...tooDeep(error, packed)].filter((id) => !inPlace.has(id))
      if (functions.length === 0) throw error
      for (const id of functions) inPlace.add(id)
      say(`${functions.length} function(s) with many arguments: switched in place`)
    }
  }
}

async function runApart(file: string, mutant: Mutant, keep: Keep, campaign: Campaign): Promise<void> {
  const { texts } = campaign.sources
  const changed = new Map(
    [...mutant.edits].map(([path, edits]) => {
      const text = texts.get(path) ?? ''
      return [path, apply(text, { start: 0, end: text.length }, edits)] as const
    }),
  )
  let artifacts
  try {
    check([...changed.keys()], changed)
    artifacts = buildTests(changed)
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    return keep(mutant, { status: 'uncompilable' })
  }
  await runQueue(file, artifacts, [{ mutant, number: 0 }], keep, campaign, false)
}

/** The tests, then the random walks; the suites that noticed most mutants so far go first, since the first failure ends it. */
class Stages {
  readonly #kills = new Map<string, number>()
  readonly #unit: readonly string[]
  readonly #walks: readonly string[]

  constructor(file: string, artifacts: readonly Artifact[]) {
    const names = suitesOf(artifacts).map(suiteName)
    const isWalk = (name: string): boolean => name.includes('/invariants/')
    this.#unit = names.filter((name) => !isWalk(name))
    this.#walks = names.filter(isWalk)
    for (const name of names)
      if (name.startsWith(`test/contracts/${basename(file, '.sol')}`)) this.#kills.set(name, 1)
  }

  note(suites: ReadonlySet<string>): void {
    for (const suite of suites) this.#kills.set(suite, (this.#kills.get(suite) ?? 0) + 1)
  }

  next(): Stage[] {
    const kills = (name: string): number => this.#kills.get(name) ?? 0
    const best = [...this.#unit].sort((a, b) => kills(b) - kills(a))
    return [
      { suites: best.slice(0, FIRST), budget: UNIT },
      { suites: best.slice(FIRST), budget: UNIT },
      { suites: this.#walks, budget: WALK },
    ].filter(({ suites }) => suites.length > 0)
  }
}

async function runQueue(
  file: string,
  artifacts: readonly Artifact[],
  queue: { mutant: Mutant; number: number }[],
  keep: Keep,
  campaign: Campaign,
  checked = true,
): Promise<void> {
  if (queue.length === 0) return
  const { seed, signal, say } = campaign
  const folder = join(ROOT, 'cache/mutate')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `build-${process.pid}.json`)
  writeFileSync(path, JSON.stringify(artifacts))
  const stages = new Stages(file, artifacts)
  const workers = Array.from({ length: Math.min(campaign.workers, queue.length) }, () => new Worker(path))
  const stop = (): void => workers.forEach((worker) => worker.stop())
  signal.addEventListener('abort', stop, { once: true })
  try {
    let timeoutMs = 10 * LEAST_TIMEOUT_MS
    let deaf: string[] = []
    if (checked) {
      const started = performance.now()
      const order = { mutant: 0, seed, stages: stages.next(), deaf, toEnd: true }
      const { failed, tests } = await workers[0]!.ask(order, timeoutMs)
      if (failed.length > MOST_DEAF)
        throw new RedTests(failed.map((verdict) => `${testName(verdict)} ${verdict.reason}`).join('\n'))
      deaf = failed.map(testName)
      for (const name of deaf) say(`${file}: does not count, since the switches alone fail it: ${name}`)
      say(`${file}: ${tests - deaf.length} tests pass without a mutant, ${seconds(started)}`)
      timeoutMs = Math.max(LEAST_TIMEOUT_MS, TIMES_THE_BASELINE * (performance.now() - started))
    }
    const progress = { done: 0, survived: 0, started: performance.now(), shown: performance.now() }
    const all = queue.length
    const work = async (worker: Worker): Promise<void> => {
      for (let next = queue.shift(); next && !signal.aborted; next = queue.shift()) {
        const { suites, ...result } = await runOne(
          worker,
          { mutant: next.number, seed, stages: stages.next(), deaf },
          timeoutMs,
          () => signal.aborted,
        )
        stages.note(suites)
        keep(next.mutant, result)
        progress.done++
        if (result.status === 'survived') progress.survived++
        if (performance.now() - progress.shown < PROGRESS_MS && progress.done < all) continue
        progress.shown = performance.now()
        const pace = (performance.now() - progress.started) / 1_000 / progress.done
        say(
          `${file}: ${progress.done} of ${all}, ${progress.survived} survived, ${pace.toFixed(2)} s a mutant`,
        )
      }
    }
    await Promise.all(workers.map(work))
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
    rmSync(path, { force: true })
  }
}

interface Found extends Omit<Result, 'mutant' | 'tests'> {
  /** All suites that noticed it, of the stage that did. */
  readonly suites: ReadonlySet<string>
}

async function runOne(
  worker: Worker,
  order: Order,
  timeoutMs: number,
  aborted: () => boolean,
): Promise<Found> {
  let answer: Answer
  for (let crashes = 1; ; crashes++) {
    try {
      answer = await worker.ask(order, timeoutMs)
      break
    } catch (error) {
      const noticed = error instanceof Hung || (error instanceof Crashed && crashes === CRASHES)
      if (noticed) return { status: 'timeout', suites: new Set() }
      if (!(error instanceof Crashed) || aborted()) throw error
    }
  }
  const suites = new Set(answer.failed.map(({ suite }) => suite))
  const [first] = answer.failed
  return first
    ? { status: 'killed', by: `${first.suite} ${first.test}`, suites }
    : { status: 'survived', suites }
}
