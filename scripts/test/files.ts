import { globSync } from 'node:fs'
import { sep } from 'node:path'
import { areaOf, type Area } from './areas.ts'

/**
 * `unit` and `integration` are vitest's projects, `nodejs` and `solidity` hardhat's runners; `gas` are the Solidity tests
 * whose gas is compared with snapshots/.
 */
export type Kind = 'unit' | 'integration' | 'nodejs' | 'solidity' | 'gas'

export interface TestFile {
  /** Relative to the repository, `/`-separated. */
  path: string
  kind: Kind
  area: Area | undefined
  /** A `*.deep.test.ts` or `*.deep.t.sol`: takes minutes, only run by `--deep`. */
  deep: boolean
}

/** Where each kind of test lies; vitest.config.ts uses the same patterns. */
export const PATTERNS: Record<Kind, string[]> = {
  unit: [
    '{protocol,nodes,client,cli}/src/**/*.test.ts',
    '{examples,ops,scripts}/**/*.test.ts',
    'test/{circuits,bench,fuzz}/**/*.test.ts',
  ],
  integration: ['test/{integration,browser}/**/*.test.ts'],
  nodejs: ['test/contracts/**/*.test.ts'],
  solidity: ['test/contracts/{*,!(gas)/**/*}.t.sol'],
  gas: ['test/contracts/gas/**/*.t.sol'],
}

/** Finds every test file of the repository at `root`, sorted by path. */
export function findTests(root: string): TestFile[] {
  const files = (Object.keys(PATTERNS) as Kind[]).flatMap((kind) =>
    globSync(PATTERNS[kind], { cwd: root, exclude: ['**/node_modules/**', '**/fixture/**'] })
      .map((path) => path.split(sep).join('/'))
      .map((path) => ({ path, kind, area: areaOf(path), deep: /\.deep\.(test\.ts|t\.sol)$/.test(path) })),
  )
  return files.sort((a, b) => a.path.localeCompare(b.path))
}
