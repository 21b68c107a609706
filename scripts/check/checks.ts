import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, runFile, type Result } from './command.ts'
import { licences } from './licences.ts'
import { links, words } from './sources.ts'

export interface Check {
  name: string
  about: string
  run: () => Promise<Result> | Result
}

/** Folders that hold TypeScript modules; the layering rules are about these. */
const CODE = ['protocol', 'nodes', 'client', 'cli', 'examples', 'scripts', 'test', 'ignition'].filter(
  (folder) => existsSync(join(ROOT, folder)),
)

/** Every check of `npm run check`, the slow ones first so that the quick ones fill the gaps. */
export const CHECKS: readonly Check[] = [
  {
    name: 'lint',
    about: 'eslint with types',
    run: () => runFile('node_modules/eslint/bin/eslint.js', ['.', '--max-warnings=0']),
  },
  { name: 'types', about: 'tsc, strict', run: () => runFile('node_modules/typescript/bin/tsc', ['-p', '.']) },
  {
    name: 'contracts',
    about: 'generated ABIs are those of the contracts',
    run: () => runFile('scripts/contracts/main.ts', ['--check']),
  },
  {
    name: 'circuits',
    about: 'committed circuit artifacts are those of the circuits',
    run: () => runFile('scripts/circuits/main.ts', ['--check']),
  },
  {
    name: 'semaphore',
    about: "Semaphore's verifier and hashes are those of its committed artifacts",
    run: () => runFile('scripts/semaphore/main.ts', ['--check']),
  },
  {
    name: 'proto',
    about: 'generated codecs are those of the .proto files',
    run: () => runFile('scripts/proto/main.ts', ['--check']),
  },
  {
    name: 'hashes',
    about: 'generated WebAssembly of the hashes is that of its sources',
    run: () => runFile('scripts/hashes/main.ts', ['--check']),
  },
  {
    name: 'groth16',
    about: "the prover's WebAssembly is that of protocol/assembly",
    run: () => runFile('scripts/groth16/main.ts', ['--check']),
  },
  {
    name: 'simulate',
    about: 'docs/economics shows the present gas, parameters and code',
    run: () => runFile('scripts/simulate/main.ts', ['--check']),
  },
  {
    name: 'format',
    about: 'prettier, TypeScript and Solidity (npm run format writes it)',
    run: () => runFile('node_modules/prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.']),
  },
  {
    name: 'solidity',
    about: 'solhint',
    run: () =>
      runFile('node_modules/solhint/solhint.js', ['--max-warnings', '0', '--noPoster', 'contracts/**/*.sol']),
  },
  {
    name: 'layers',
    about: 'who imports whom, and no cycles',
    run: () =>
      runFile('node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', [
        '--config',
        '.dependency-cruiser.mjs',
        ...CODE,
      ]),
  },
  {
    name: 'unused',
    about: 'files, exports and dependencies that nothing uses',
    run: () => runFile('node_modules/knip/bin/knip.js', ['--no-progress', '--no-config-hints']),
  },
  { name: 'licences', about: 'of every dependency (docs/adr/0003-licences.md)', run: licences },
  { name: 'words', about: 'registry hosts, machine paths, work left undone', run: words },
  { name: 'links', about: 'Markdown links and named tests exist', run: links },
]
