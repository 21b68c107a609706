import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ROOT } from './compile.ts'

export type Status = 'killed' | 'timeout' | 'survived' | 'uncompilable'

export interface Result {
  readonly mutant: string
  readonly status: Status
  /** `Contract.test()`: the test that failed. */
  readonly by?: string
  /** Hash of the tests that it was run against, if none failed. */
  readonly tests?: string
}

const FOLDER = 'test/contracts/mutation'
const STATUSES: readonly Status[] = ['killed', 'timeout', 'survived', 'uncompilable']

/** `hash killed Contract.test()`, `hash survived hash-of-tests`, `hash timeout hash-of-tests`, `hash uncompilable`. */
function lineOf({ mutant, status, by, tests }: Result): string {
  return [mutant, status, status === 'killed' ? by : tests].filter((part) => part !== undefined).join(' ')
}

/** Undefined for what is no result, like the mark of a conflict. */
function parseLine(line: string): Result | undefined {
  const [mutant = '', word = '', ...rest] = line.split(' ')
  const status = STATUSES.find((each) => each === word)
  if (!/^[0-9a-f]{12}$/.test(mutant) || !status) return undefined
  const value = rest.join(' ')
  if (value === '') return { mutant, status }
  return status === 'killed' ? { mutant, status, by: value } : { mutant, status, tests: value }
}

/**
 * What is known of the mutants of one contract: a file of one line a mutant, sorted, so that a change of a function changes its
 * lines. Where two lines are about the same mutant, as after a merge, a test that noticed it counts more than one that did not.
 */
export class Results {
  readonly #path: string
  readonly #known = new Map<string, Result>()

  /** `ids` are the mutants that there are; what is known of others is forgotten with the next result. */
  constructor(file: string, ids: ReadonlySet<string>, folder = join(ROOT, FOLDER)) {
    this.#path = join(folder, `${basename(file, '.sol')}.txt`)
    for (const line of this.#read().split('\n')) {
      const result = parseLine(line)
      if (!result || !ids.has(result.mutant)) continue
      if (this.#known.get(result.mutant)?.status !== 'killed') this.#known.set(result.mutant, result)
    }
  }

  /**
   * What is known of a mutant, undefined if it must be run: a survivor, as soon as a test that can reach it has changed; a
   * killed one, if the test that killed it is gone (`exists`).
   */
  of(mutant: string, tests: string, exists: (test: string) => boolean): Result | undefined {
    const result = this.#known.get(mutant)
    if (!result) return undefined
    if (result.status === 'survived' || result.status === 'timeout')
      return result.tests === tests ? result : undefined
    return result.by === undefined || exists(result.by) ? result : undefined
  }

  /** Keeps a result at once. */
  add(result: Result): void {
    this.#known.set(result.mutant, result)
    const lines = [...this.#known.values()].map(lineOf).sort()
    mkdirSync(dirname(this.#path), { recursive: true })
    const beside = `${this.#path}.${process.pid}`
    writeFileSync(beside, `${lines.join('\n')}\n`)
    renameSync(beside, this.#path)
  }

  #read(): string {
    try {
      return readFileSync(this.#path, 'utf8')
    } catch {
      return '' // nothing is known yet
    }
  }
}
