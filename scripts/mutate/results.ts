import { createHash } from 'node:crypto'
import { appendFileSync, globSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from './compile.ts'

export type Status = 'killed' | 'timeout' | 'survived' | 'uncompilable'

export interface Result {
  readonly mutant: string
  readonly status: Status
  /** The test that failed. */
  readonly by?: string
  /** Hash of the tests that it was run against. */
  readonly tests: string
}

/** Hash of everything that may decide over a mutant beside its own file: the tests and what they use. */
export function hashOfTests(): string {
  const hash = createHash('sha256')
  for (const path of globSync('test/contracts/**/*.sol', { cwd: ROOT }).sort())
    hash.update(path).update(readFileSync(join(ROOT, path)))
  return hash.digest('hex').slice(0, 12)
}

/** What is known of the mutants of one contract, one line a mutant, kept as it is found. */
export class Results {
  readonly #path: string
  readonly #known = new Map<string, Result>()

  constructor(contract: string) {
    this.#path = join(ROOT, 'cache/mutate', `${contract}.jsonl`)
    let text = ''
    try {
      text = readFileSync(this.#path, 'utf8')
    } catch {
      // nothing is known yet
    }
    for (const line of text.split('\n')) {
      try {
        const result = JSON.parse(line) as Result
        this.#known.set(result.mutant, result)
      } catch {
        // the end of an interrupted run, or an empty line
      }
    }
  }

  /**
   * What is known of a mutant, undefined if it must be run: a survivor, as soon as any test has changed; a killed one, if
   * the test that killed it is gone (`exists`).
   */
  of(mutant: string, tests: string, exists: (test: string) => boolean): Result | undefined {
    const result = this.#known.get(mutant)
    if (!result) return undefined
    if (result.status === 'survived' || result.status === 'timeout')
      return result.tests === tests ? result : undefined
    return result.by === undefined || exists(result.by) ? result : undefined
  }

  add(result: Result): void {
    this.#known.set(result.mutant, result)
    mkdirSync(dirname(this.#path), { recursive: true })
    appendFileSync(this.#path, `${JSON.stringify(result)}\n`)
  }
}
