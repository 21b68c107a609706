// `npm run coverage`: which lines and branches of contracts/ the Solidity tests reach.
import { globSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { forge, ForgeError } from '../forge/forge.ts'
import {
  branchShare,
  type FileCoverage,
  lineShare,
  missedBranches,
  missedLines,
  parseLcov,
  percent,
  type Share,
  sum,
} from './lcov.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const TRACE = 'cache/forge/lcov.info'
const LEAST_LINES = 98
const LEAST_BRANCHES = 95
const USAGE = 2

/** Not counted, and why. */
const LEFT_OUT: { readonly folder: string; readonly why: string }[] = [
  {
    folder: 'contracts/verifiers/',
    why: 'generated from the verifying key; tested against snarkjs by test/contracts/rln-verifier.test.ts, which forge does not run',
  },
]

const HELP = `Runs the Solidity tests with forge and tells which lines and branches of contracts/ they reach.
Exits 1 if any contract is below ${LEAST_LINES} % of lines or ${LEAST_BRANCHES} % of branches.

  npm run coverage                 runs and reports (minutes)
  npm run coverage -- --last       reports the last run again
  npm run coverage -- --markdown   as a table for a document

What forge counts as a branch: each side of an if/else, the revert of an if without else, both outcomes of require.
Not: the operands of && and ||, the sides of ?:, what runs in assembly, and the side of an if that does nothing. The mutation run
(npm run mutate) changes those, and so does tell whether tests look at them. Fuzzing budgets are small here: they change little.
`

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function options(): { last: boolean; markdown: boolean } {
  const known = {
    last: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  } as const
  try {
    const { values } = parseArgs({ options: known })
    if (values.help) {
      process.stdout.write(HELP)
      process.exit(0)
    }
    return values
  } catch (error) {
    process.stderr.write(`npm run coverage: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(USAGE)
  }
}

async function run(signal: AbortSignal): Promise<boolean> {
  mkdirSync(dirname(join(ROOT, TRACE)), { recursive: true })
  const report = ['--report', 'lcov', '--report-file', TRACE]
  const small = { FOUNDRY_FUZZ_RUNS: '64', FOUNDRY_INVARIANT_RUNS: '8', FOUNDRY_INVARIANT_DEPTH: '48' }
  return (
    (await forge(['coverage', ...report, '--no-match-path', 'test/contracts/gas/*'], signal, small)) === 0
  )
}

/** The contracts that count, also those that forge says nothing about because no test runs them. */
function counted(files: readonly FileCoverage[]): FileCoverage[] {
  const known = new Map(files.map((file) => [file.path, file]))
  return globSync('contracts/**/*.sol', { cwd: ROOT })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !LEFT_OUT.some(({ folder }) => path.startsWith(folder)) && known.has(path))
    .sort()
    .flatMap((path) => known.get(path) ?? [])
}

function cell(share: Share, least: number): string {
  const value = percent(share)
  return `${value < least ? '! ' : ''}${value.toFixed(1)} % (${share.hit}/${share.of})`
}

function table(files: readonly FileCoverage[], markdown: boolean): string {
  const rows = files.map((file) => [
    file.path,
    cell(lineShare(file), LEAST_LINES),
    cell(branchShare(file), LEAST_BRANCHES),
  ])
  rows.push([
    'all',
    cell(sum(files.map(lineShare)), LEAST_LINES),
    cell(sum(files.map(branchShare)), LEAST_BRANCHES),
  ])
  const head = ['contract', `lines (≥ ${LEAST_LINES} %)`, `branches (≥ ${LEAST_BRANCHES} %)`]
  if (markdown)
    return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
  const drawn = new Table({ head, style: { head: [], border: [] } })
  drawn.push(...rows)
  return drawn.toString()
}

/** Prints what was missed, and answers whether all is above its bound. */
function report(files: readonly FileCoverage[], markdown: boolean): boolean {
  say(table(files, markdown))
  for (const file of files) {
    const source = readFileSync(join(ROOT, file.path), 'utf8').split('\n')
    for (const line of missedLines(file))
      say(`${file.path}:${line} not run: ${source[line - 1]?.trim() ?? ''}`)
    for (const { line, name } of missedBranches(file))
      say(`${file.path}:${line} branch ${name} not taken: ${source[line - 1]?.trim() ?? ''}`)
  }
  for (const { folder, why } of LEFT_OUT) say(`left out: ${folder} (${why})`)
  const good = (file: FileCoverage): boolean =>
    percent(lineShare(file)) >= LEAST_LINES && percent(branchShare(file)) >= LEAST_BRANCHES
  for (const file of files)
    say(
      `${good(file) ? 'ok  ' : 'FAIL'} ${file.path}: ${percent(lineShare(file)).toFixed(1)} % of lines, ` +
        `${percent(branchShare(file)).toFixed(1)} % of branches`,
    )
  return files.every(good)
}

async function main(): Promise<number> {
  const { last, markdown } = options()
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  if (!last && !(await run(stop.signal))) {
    say(stop.signal.aborted ? 'interrupted' : 'no coverage: forge failed, or a test did; see above')
    return 1
  }
  let trace
  try {
    trace = readFileSync(join(ROOT, TRACE), 'utf8')
  } catch {
    say(`there is no ${TRACE} yet: run npm run coverage without --last`)
    return USAGE
  }
  return report(counted(parseLcov(trace)), markdown) ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof ForgeError)) throw error
  process.stderr.write(`npm run coverage: ${error.message}\n`)
  process.exitCode = 1
}
