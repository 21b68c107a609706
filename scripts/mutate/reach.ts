import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildTests, contractFiles, readSource, ROOT, testFiles } from './compile.ts'
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

/** Runs every test alone on marked sources, or reads what was found for the same sources before. */
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
  const path = join(ROOT, 'cache/mutate', `reach-${hashOfSources(imports, seed)}.json`)
  const known = readTrails(path)
  if (known) return new Reach(statements, known, imports)

  const started = performance.now()
  const artifacts = buildTests(changed)
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
  signal.throwIfAborted()
  mkdirSync(join(ROOT, 'cache/mutate'), { recursive: true })
  writeFileSync(path, JSON.stringify(trails))
  const lost = trails.filter(({ marks }) => !marks).length
  const seconds = ((performance.now() - started) / 1_000).toFixed(1)
  say(
    `which statements ${trails.length} tests execute: ${seconds} s${lost > 0 ? `; of ${lost} it is not known` : ''}`,
  )
  return new Reach(statements, trails, imports)
}

function hashOfSources(imports: Imports, seed: number): string {
  const hash = createHash('sha256').update(String(seed))
  const paths = new Set(testFiles().flatMap((path) => [...imports.closure(path)]))
  for (const path of [...paths].sort()) hash.update(path).update(readSource(path), 'latin1')
  return hash.digest('hex').slice(0, 12)
}

function readTrails(path: string): Trail[] | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Trail[]
  } catch {
    return undefined
  }
}
