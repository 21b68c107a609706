import { createHash } from 'node:crypto'
import { dirname, posix } from 'node:path'
import { readSource, testFiles } from './compile.ts'

const IMPORT = /^import\s(?:[^"';]*\sfrom\s*)?["']([^"']+)["']/gm

/** What source files import, by their text; packages are left out. */
export class Imports {
  readonly #read: (path: string) => string
  readonly #closures = new Map<string, ReadonlySet<string>>()

  constructor(read: (path: string) => string = readSource) {
    this.#read = read
  }

  /** A file, and all that it imports through whatever files. */
  closure(path: string): ReadonlySet<string> {
    const known = this.#closures.get(path)
    if (known) return known
    const found = new Set([path])
    for (const each of found) {
      for (const [, target = ''] of this.#read(each).matchAll(IMPORT)) {
        if (target.startsWith('.')) found.add(posix.join(dirname(each), target))
      }
    }
    this.#closures.set(path, found)
    return found
  }

  /** Files of `tests` that can reach a contract file. */
  testsOf(file: string, tests: readonly string[] = testFiles()): string[] {
    return tests.filter((path) => this.closure(path).has(file))
  }

  /** Hash of a test file with all that it imports, contracts included. */
  hashOf(path: string): string {
    const hash = createHash('sha256')
    for (const each of [...this.closure(path)].sort()) hash.update(each).update(this.#read(each), 'latin1')
    return hash.digest('hex').slice(0, 12)
  }

  /** Hash of all tests that can reach a contract file, with what they use; contracts are not part of it. */
  hashOfTests(file: string, tests?: readonly string[]): string {
    const paths = new Set(this.testsOf(file, tests).flatMap((path) => [...this.closure(path)]))
    const hash = createHash('sha256')
    for (const path of [...paths].sort())
      if (path.startsWith('test/')) hash.update(path).update(this.#read(path), 'latin1')
    return hash.digest('hex').slice(0, 12)
  }
}
