// `npm run mutate [-- CONTRACT…]`: changes the contracts at every place, and sees whether the tests notice.
import { readFileSync, globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Failure } from './batches.ts'
import { runMutants } from './campaign.ts'
import { CompileError, contractFiles, readSource, ROOT, syntaxTrees } from './compile.ts'
import { Imports } from './imports.ts'
import { type Mutant, mutantsOf, type Sources } from './mutants.ts'
import { measureReach } from './reach.ts'
import { describe, isGood, LEAST_KILLED, readEquivalents, tally, type Tally } from './report.ts'
import { type Result, Results } from './results.ts'
import { shuffled } from './shuffle.ts'

const USAGE = 2
const DEFAULT_SEED = 20_251_125

/** Not changed, and why. */
const LEFT_OUT: { readonly folder: string; readonly why: string }[] = [
  { folder: 'contracts/interfaces/', why: 'no code' },
  {
    folder: 'contracts/verifiers/',
    why: 'generated from the verifying key, and tested against snarkjs by test/contracts/rln-verifier.test.ts',
  },
  {
    folder: 'contracts/token/',
    why: 'stands for a token that somebody else deploys; never deployed but locally',
  },
]

const HELP = `Mutation run: changes one thing in a contract, runs the Solidity tests, and counts how often they notice. Every operator at
every place of the syntax tree. Exits 1 if less than ${LEAST_KILLED} % of a contract's mutants are noticed.

  npm run mutate                    all contracts; what is known already is not run again
  npm run mutate -- CONTRACT…       only these, by name: PaymentChannels Escrow
  npm run mutate -- --list          the mutants, without running them
  npm run mutate -- --report        what is known, without running anything
  npm run mutate -- --seed N        order of the mutants, and of the tests' random inputs (default ${DEFAULT_SEED})
  npm run mutate -- --fresh         forgets what is known
  npm run mutate -- --workers N     processes (default 2)

Each runs only against the tests that execute what it changes. Results are kept in test/contracts/mutation, a line a mutant, under a
hash of the function around it and of the change, and are committed: what is known is not run again, and Ctrl-C loses nothing. Survivors
are run again when a test that can reach the contract has changed. Mutants that no test can notice are argued in
scripts/mutate/equivalents.json.
`

interface Choice {
  readonly files: readonly string[]
  readonly mode: 'run' | 'list' | 'report'
  readonly seed: number
  readonly workers: number
  readonly fresh: boolean
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Goes to standard error, so that standard output is the report alone. */
function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}

function refuse(problem: string): never {
  process.stderr.write(`npm run mutate: ${problem}; see npm run mutate -- --help\n`)
  process.exit(USAGE)
}

function positive(name: string, value: string): number {
  return /^[1-9]\d{0,8}$/.test(value)
    ? Number(value)
    : refuse(`--${name} takes a whole number from 1, not "${value}"`)
}

function readChoice(): Choice {
  const options = {
    list: { type: 'boolean' },
    report: { type: 'boolean' },
    fresh: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(DEFAULT_SEED) },
    workers: { type: 'string', default: '2' },
    help: { type: 'boolean', short: 'h' },
  } as const
  let parsed
  try {
    parsed = parseArgs({ options, allowPositionals: true })
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
  const { values, positionals } = parsed
  if (values.help) {
    process.stdout.write(HELP)
    process.exit(0)
  }
  const all = contractFiles().filter((path) => !LEFT_OUT.some(({ folder }) => path.startsWith(folder)))
  const named = (name: string): string =>
    all.find((path) => basename(path, '.sol') === name) ??
    refuse(
      `there is no contract "${name}" to change (${all.map((path) => basename(path, '.sol')).join(', ')})`,
    )
  return {
    files: positionals.length > 0 ? positionals.map(named) : all,
    mode: values.list ? 'list' : values.report ? 'report' : 'run',
    seed: positive('seed', values.seed),
    workers: positive('workers', values.workers),
    fresh: values.fresh,
  }
}

/** Whether a Solidity test of this name still exists. */
function testNames(): (test: string) => boolean {
  const text = globSync('test/contracts/**/*.sol', { cwd: ROOT })
    .map((path) => readFileSync(join(ROOT, path), 'utf8'))
    .join('\n')
  return (test) => test.endsWith('setUp()') || text.includes(`function ${/(\w+)\(/.exec(test)?.[1] ?? test}(`)
}

/** A contract with what is known of its mutants. */
interface Target {
  readonly file: string
  readonly mutants: readonly Mutant[]
  readonly results: Results
  /** Hash of the tests that can reach it. */
  readonly tests: string
}

function readTargets({ files, fresh }: Choice, sources: Sources): Target[] {
  const imports = new Imports()
  return files.flatMap((file) => {
    const mutants = mutantsOf(file, sources)
    const results = new Results(file, new Set(fresh ? [] : mutants.map(({ id }) => id)))
    return mutants.length > 0 ? [{ file, mutants, results, tests: imports.hashOfTests(file) }] : []
  })
}

async function runUnknown(
  targets: readonly Target[],
  { seed, workers }: Choice,
  sources: Sources,
  signal: AbortSignal,
): Promise<Failure[]> {
  const exists = testNames()
  const unknown = targets.flatMap(({ mutants, results, tests }) =>
    shuffled(
      mutants.filter(({ id }) => !results.of(id, tests, exists)),
      seed,
    ),
  )
  const all = targets.reduce((sum, { mutants }) => sum + mutants.length, 0)
  progress(`${all} mutants, ${all - unknown.length} known already`)
  if (unknown.length === 0) return []
  const byFile = new Map(targets.map((target) => [target.file, target]))
  const reach = await measureReach(seed, workers, signal, progress)
  return await runMutants(unknown, {
    sources,
    reach,
    seed,
    workers,
    signal,
    say: progress,
    keep({ id, file }, { status, by }) {
      const { results, tests } = byFile.get(file)!
      if (by !== undefined) results.add({ mutant: id, status, by })
      else results.add(status === 'uncompilable' ? { mutant: id, status } : { mutant: id, status, tests })
    },
  })
}

function tallyOf({ file, mutants, results, tests }: Target): Tally {
  const exists = testNames()
  const known = mutants.flatMap(({ id }): [string, Result][] => {
    const result = results.of(id, tests, exists)
    return result ? [[id, result]] : []
  })
  return tally(file, mutants, new Map(known), readEquivalents())
}

async function main(): Promise<number> {
  const choice = readChoice()
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const trees = syntaxTrees()
  const sources: Sources = {
    trees,
    texts: new Map([...trees.keys()].map((path) => [path, readSource(path)])),
  }
  const targets = readTargets(choice, sources)
  if (choice.mode === 'list') {
    for (const { file, mutants } of targets)
      for (const { id, line, operator, name } of mutants) say(`${id} ${file}:${line} ${operator}; ${name}`)
    return 0
  }
  const failures = choice.mode === 'run' ? await runUnknown(targets, choice, sources, stop.signal) : []
  const tallies = targets.map(tallyOf)
  const equivalents = readEquivalents()
  say(`\nseed ${choice.seed}`)
  for (const one of tallies) say(describe(one, equivalents))
  for (const { folder, why } of LEFT_OUT) say(`left out: ${folder} (${why})`)
  for (const { file, reason } of failures) say(`could not be run: ${file}: ${reason}`)
  if (stop.signal.aborted) say('interrupted; what was found is kept')
  const known = contractFiles()
  const strangers = Object.keys(equivalents).filter((path) => !known.includes(path))
  for (const path of strangers) say(`wrong in equivalents.json: there is no ${path}`)
  const wrong = failures.length + strangers.length
  return tallies.every(isGood) && wrong === 0 && !stop.signal.aborted ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof CompileError)) throw error
  say(error.message)
  process.exitCode = 1
}
