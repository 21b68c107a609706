// `npm test [-- AREA… --deep]`: every test of the chosen areas, joined into one count.
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { resolve } from 'node:path'
import { ABOUT, AREAS, isArea, isIn, type Area } from './areas.ts'
import { add, NOTHING, summary, type Count } from './count.ts'
import { findTests, type Kind, type TestFile } from './files.ts'
import { buildContracts, runGate, runHardhat, runVitest, type RunOptions } from './runners.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const USAGE = 2
const CONTRACT_KINDS = ['solidity', 'gas', 'nodejs'] as const

const HELP = `Runs the tests, and ends with one line: N passed, N failed.

  npm test                       everything
  npm test -- AREA…              only these areas
  npm test -- --deep [AREA…]     also what takes minutes (*.deep.test.ts, ten times the random walks, mutants of the contracts)
  npm test -- --seed N           of the random inputs of contract tests (default 1, so that a run can be repeated)
  npm test -- --list [AREA…]     the files, without running them

areas
${AREAS.map((area) => `  ${area.padEnd(10)} ${ABOUT[area]}`).join('\n')}

One file: npx vitest run PATH (a contract test: npx hardhat test PATH), with Node 24.
`

interface Choice {
  areas: readonly Area[]
  deep: boolean
  list: boolean
  seed: number
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function refuse(problem: string): never {
  process.stderr.write(`npm test: ${problem}\nareas: ${AREAS.join(', ')}; see npm test -- --help\n`)
  process.exit(USAGE)
}

function readChoice(): Choice {
  const options = {
    deep: { type: 'boolean' },
    list: { type: 'boolean' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h' },
  } as const
  let parsed
  try {
    parsed = parseArgs({ options, allowPositionals: true })
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
  if (parsed.values.help) {
    process.stdout.write(HELP)
    process.exit(0)
  }
  const areas = parsed.positionals.map((name) => (isArea(name) ? name : refuse(`there is no area "${name}"`)))
  const { deep = false, list = false, seed } = parsed.values
  if (!/^[1-9]\d{0,8}$/.test(seed)) refuse(`--seed takes a whole number from 1, not "${seed}"`)
  return { areas: areas.length > 0 ? areas : AREAS, deep, list, seed: Number(seed) }
}

/** The files to run; ends the process when one belongs to no area, since then no choice of areas would ever run it. */
function choose({ areas, deep }: Choice): TestFile[] {
  const all = findTests(ROOT)
  const homeless = all.filter((file) => file.area === undefined).map((file) => file.path)
  if (homeless.length > 0) refuse(`no area holds ${homeless.join(', ')}; see scripts/test/areas.ts`)
  return all.filter((file) => areas.some((area) => isIn(file.path, area)) && (deep || !file.deep))
}

/** Runs one kind of test between a line that names it and one that sums it up. */
async function told(kind: Kind, files: string[], run: () => Promise<Count>): Promise<Count> {
  if (files.length === 0) return NOTHING
  say(`\n== ${kind}: ${files.length} ${files.length === 1 ? 'file' : 'files'}`)
  const started = performance.now()
  const count = await run()
  say(`== ${kind}: ${summary(count)} (${((performance.now() - started) / 1_000).toFixed(1)} s)`)
  return count
}

type Files = (kind: Kind) => string[]

/** Contract tests: those in Solidity, whose compiler keeps one core busy, beside the others, whose output waits until they have ended. */
async function runContracts(files: Files, options: RunOptions): Promise<Count> {
  if (CONTRACT_KINDS.every((kind) => files(kind).length === 0)) return NOTHING
  const built = await buildContracts(options)
  if (built.failed > 0 || options.signal.aborted) return built
  const run = (kind: (typeof CONTRACT_KINDS)[number], hold: boolean): Promise<Count> =>
    told(kind, files(kind), () => runHardhat(kind, files(kind), { ...options, hold }))
  const others = async (): Promise<Count> => {
    const gas = await run('gas', true)
    return options.signal.aborted ? gas : add(gas, await run('nodejs', true))
  }
  const [inSolidity, rest] = await Promise.all([run('solidity', false), others()])
  return add(inSolidity, rest)
}

async function runVitests(files: Files, options: RunOptions): Promise<Count> {
  let count = NOTHING
  for (const kind of ['unit', 'integration'] as const) {
    if (options.signal.aborted) break
    count = add(count, await told(kind, files(kind), () => runVitest(kind, files(kind), options)))
  }
  return count
}

/** What measures the contract tests themselves, and takes minutes. */
const GATES = [
  {
    name: 'coverage',
    about: 'lines and branches of the contracts that tests reach',
    script: 'scripts/coverage/main.ts',
  },
  { name: 'mutants', about: 'changes of the contracts that tests notice', script: 'scripts/mutate/main.ts' },
] as const

async function runGates(options: RunOptions): Promise<Count> {
  let count = NOTHING
  for (const { name, about, script } of GATES) {
    if (options.signal.aborted) break
    say(`\n== ${name}: ${about}`)
    const found = await runGate(script, [], options)
    say(`== ${name}: ${summary(found)}`)
    count = add(count, found)
  }
  return count
}

/** A deep run's output is kept, and must say what it was a run of. */
function sayWhatRuns(seed: number): void {
  const git = (...args: string[]): string =>
    spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' }).stdout.trim()
  const commit = git('rev-parse', 'HEAD') || 'no commit'
  const changed = git('status', '--porcelain') === '' ? '' : ', with changes that are not committed'
  say(
    `commit ${commit}${changed}; Node ${process.version}, ${process.platform}-${process.arch}; seed ${seed}`,
  )
}

async function main(): Promise<void> {
  const choice = readChoice()
  const files = choose(choice)
  for (const area of choice.areas) {
    if (!files.some((file) => isIn(file.path, area))) say(`${area}: no tests yet`)
  }
  if (choice.list) {
    for (const file of files) say(`${(file.area ?? '').padEnd(10)} ${file.kind.padEnd(12)} ${file.path}`)
    return
  }
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const { deep, seed } = choice
  const options: RunOptions = { root: ROOT, deep, seed, signal: stop.signal }
  if (deep) sayWhatRuns(seed)
  const ofKind: Files = (kind) => files.filter((file) => file.kind === kind).map((file) => file.path)
  let count = await runContracts(ofKind, options)
  if (!stop.signal.aborted) count = add(count, await runVitests(ofKind, options))
  if (deep && choice.areas.includes('contracts')) count = add(count, await runGates(options))
  for (const name of count.skipped) say(`skipped: ${name}`)
  if (stop.signal.aborted) say('interrupted')
  if (count.passed + count.failed === 0) say('no test ran')
  say(summary(count))
  process.exitCode = count.failed > 0 || count.passed === 0 || stop.signal.aborted ? 1 : 0
}

await main()
