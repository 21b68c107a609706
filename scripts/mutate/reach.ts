import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Artifact, buildTests, contractFiles, readSource, ROOT, testFiles } from './compile.ts'
import { type Marked, markLibrary, markStatements, suiteName, suitesOf, type Test, testsOf } from './edr.ts'
import { Imports } from './imports.ts'
import type { Mutant } from './mutants.ts'
import { budgetOf, isRandom } from './plan.ts'
import { withWorkers } from './pool.ts'

/** A test, and which statements it executes without a mutant. */
export interface Trail extends Test {
  /** Null if that is not known: it fails as soon as the sources have marks. */
  readonly marks: readonly string[] | null
}

/** Path → its statements. */
export type Statements = ReadonlyMap<string, readonly Marked[]>

/**
 * Which tests can notice a mutant: those that execute the statement that it changes. Until then they do what they do without
 * it, so the others cannot. Tests with random inputs count for the whole of each file that they enter, since their inputs
 * depend on the code; and where no statement lies around a change, as in a constructor's head, all tests count that import the file.
 */
export class Reach {
  readonly #statements: Statements
  readonly #trails: readonly (Test & { marks?: ReadonlySet<string>; random: boolean })[]
  readonly #files = new Map<string, string>()
  readonly #imports: Imports

  constructor(statements: Statements, trails: readonly Trail[], imports: Imports) {
    this.#statements = statements
    this.#imports = imports
    this.#trails = trails.map(({ suite, test, marks }) => {
      const found = { suite, test, random: isRandom({ suite, test }) }
      return marks ? { ...found, marks: new Set(marks) } : found
    })
    for (const [path, all] of statements) for (const { mark } of all) this.#files.set(mark, path)
  }

  testsOf({ edits }: Pick<Mutant, 'edits'>): Test[] {
    const found = new Set<Test>()
    for (const [path, places] of edits) {
      for (const { start, end } of places) {
        const around = (this.#statements.get(path) ?? [])
          .filter((statement) => statement.start <= start && end <= statement.end)
          .sort((a, b) => a.end - a.start - (b.end - b.start))
        for (const trail of this.#trails)
          if (this.#reaches(trail, path, around[0]?.mark)) found.add({ suite: trail.suite, test: trail.test })
      }
    }
    return unique([...found])
  }

  #reaches(
    { suite, marks, random }: Test & { marks?: ReadonlySet<string>; random: boolean },
    path: string,
    mark: string | undefined,
  ): boolean {
    if (!marks) return true
    if (mark === undefined) return this.#imports.closure(suite.slice(0, suite.lastIndexOf(':'))).has(path)
    return marks.has(mark) || (random && [...marks].some((each) => this.#files.get(each) === path))
  }
}

function unique(tests: readonly Test[]): Test[] {
  return [...new Map(tests.map((each) => [`${each.suite} ${each.test}`, each])).values()]
}

/** Bytes of a mark that are kept: enough that no two of some thousand are the same. */
const MARK_DIGITS = 16
const PATIENCE_MS = 600_000
const TRAILS = join(ROOT, 'cache/mutate/reach.json')

/** Runs every test alone on marked sources; of a test file that has not changed, nor what it imports, what was found before is read. */
export async function measureReach(
  seed: number,
  workers: number,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<Reach> {
  const statements = new Map<string, Marked[]>()
  const library = markLibrary()
  const changed = new Map([[library.path, library.source]])
  for (const path of contractFiles()) {
    const marked = markStatements(readSource(path), path)
    if (marked.statements.length === 0) continue
    changed.set(path, marked.source)
    const short = ({ mark, ...rest }: Marked): Marked => ({ ...rest, mark: mark.slice(0, MARK_DIGITS) })
    statements.set(path, marked.statements.map(short))
  }
  const imports = new Imports()
  const hashes = new Map(testFiles().map((path) => [path, `${seed} ${imports.hashOf(path)}`]))
  const known = readTrails()
  const missing = [...hashes].filter(([, hash]) => !(hash in known)).map(([path]) => path)
  if (missing.length > 0) {
    const started = performance.now()
    const found = await runAlone(buildTests(changed, missing), seed, workers, signal)
    signal.throwIfAborted()
    const lost = found.filter(({ marks }) => !marks).length
    const seconds = ((performance.now() - started) / 1_000).toFixed(1)
    say(
      `which statements ${found.length} tests execute: ${seconds} s${lost > 0 ? `; of ${lost} it is not known` : ''}`,
    )
    for (const path of missing)
      known[hashes.get(path) ?? ''] = found.filter(({ suite }) => suite.startsWith(`${path}:`))
  }
  const now = Object.fromEntries([...hashes.values()].map((hash) => [hash, known[hash] ?? []]))
  if (missing.length > 0) writeTrails(now)
  return new Reach(statements, Object.values(now).flat(), imports)
}

/** The trails of all tests of a build of marked sources. */
async function runAlone(
  artifacts: readonly Artifact[],
  seed: number,
  workers: number,
  signal: AbortSignal,
): Promise<Trail[]> {
  const suites = new Set(suitesOf(artifacts).map(suiteName))
  const tests = artifacts.filter(({ id }) => suites.has(suiteName(id))).flatMap(testsOf)
  const trails: Trail[] = []
  await withWorkers(artifacts, workers, signal, async (worker) => {
    for (let next = tests.pop(); next && !signal.aborted; next = tests.pop()) {
      const steps = [{ suite: next.suite, tests: [next.test], budget: budgetOf(next.suite) }]
      const { failed, marks } = await worker.ask({ mutant: 0, seed, steps, deaf: [], mostMs: PATIENCE_MS })
      const passed = marks.map((mark) => mark.slice(0, MARK_DIGITS))
      trails.push({ ...next, marks: failed.length > 0 ? null : passed })
    }
  })
  return trails
}

/** What a test file is → the trails of its tests. */
function readTrails(): Record<string, Trail[]> {
  try {
    return JSON.parse(readFileSync(TRAILS, 'utf8')) as Record<string, Trail[]>
  } catch {
    return {}
  }
}

function writeTrails(trails: Record<string, readonly Trail[]>): void {
  mkdirSync(dirname(TRAILS), { recursive: true })
  writeFileSync(TRAILS, JSON.stringify(trails))
}
