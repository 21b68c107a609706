import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countGate, countHardhat, countVitest, NOTHING, type Count } from './count.ts'

export interface RunOptions {
  root: string
  deep: boolean
  /** Of the random inputs of contract tests. */
  seed: number
  signal: AbortSignal
}

interface Ended {
  code: number
  output: string
}

/** What becomes of a runner's output: shown as it comes, shown and kept, or shown whole when the runner has ended. */
type Output = 'show' | 'keep' | 'hold'

/**
 * Runs a script, or a package's command, with this Node. It gets a process group of its own, which is ended with it:
 * what a test started and left behind does not outlive the run.
 */
function runBin(
  bin: string,
  args: string[],
  output: Output,
  { root, deep, seed, signal }: RunOptions,
): Promise<Ended> {
  const env = { ...process.env, TEAHOUSE_SEED: String(seed), ...(deep ? { TEAHOUSE_DEEP: '1' } : {}) }
  const child = spawn(process.execPath, [join(root, bin), ...args], {
    cwd: root,
    env,
    stdio: ['ignore', output === 'show' ? 'inherit' : 'pipe', output === 'show' ? 'inherit' : 'pipe'],
    detached: process.platform !== 'win32',
  })
  const stop = (): void => endGroup(child)
  signal.addEventListener('abort', stop, { once: true })
  let kept = ''
  const take = (shown: NodeJS.WriteStream) => (chunk: Buffer) => {
    kept += chunk.toString()
    if (output === 'keep') shown.write(chunk)
  }
  child.stdout?.on('data', take(process.stdout))
  child.stderr?.on('data', take(process.stderr))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', stop)
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop)
      if (output === 'hold') process.stdout.write(kept)
      resolve({ code: code ?? 1, output: kept })
    })
  })
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGTERM')
  } catch {
    // nothing is left of it
  }
}

/** Runs vitest on exactly these files of one project. */
export async function runVitest(project: string, files: string[], options: RunOptions): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), 'teahouse-test-'))
  const report = join(folder, 'report.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const args = ['run', '--project', project, '--maxWorkers=2', ...reporters, ...files]
    const { code } = await runBin('node_modules/vitest/vitest.mjs', args, 'show', options)
    return countVitest(readReport(report), code)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readReport(file: string): Parameters<typeof countVitest>[0] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Parameters<typeof countVitest>[0]
  } catch {
    return undefined // vitest crashed before it wrote one; its exit code says so
  }
}

const HARDHAT = 'node_modules/hardhat/dist/src/cli.js'
const HARDHAT_TASKS = {
  solidity: ['solidity'],
  gas: ['solidity', '--snapshot-check'],
  nodejs: ['nodejs'],
} as const

/** Compiles the contracts, without their tests; a failure counts as one. */
export async function buildContracts(options: RunOptions): Promise<Count> {
  const { code } = await runBin(HARDHAT, ['build', '--no-tests'], 'show', options)
  return code === 0 ? NOTHING : { ...NOTHING, failed: 1 }
}

/**
 * Runs one of hardhat's test runners on contracts that are compiled already; `gas` also fails when an operation costs anything else than snapshots/
 * says. With `hold`, its output is shown when it has ended.
 */
export async function runHardhat(
  runner: keyof typeof HARDHAT_TASKS,
  files: string[],
  { hold, ...options }: RunOptions & { hold: boolean },
): Promise<Count> {
  const profile = runner === 'solidity' && !options.deep ? ['--build-profile', 'quick'] : []
  const args = [...profile, 'test', ...HARDHAT_TASKS[runner], '--no-compile', ...files]
  const { code, output } = await runBin(HARDHAT, args, hold ? 'hold' : 'keep', options)
  return countHardhat(output, code)
}

/** Runs a script that measures the tests themselves, and exits 1 below its bounds; one count a contract that it judges. */
export async function runGate(script: string, args: string[], options: RunOptions): Promise<Count> {
  const { code, output } = await runBin(script, args, 'keep', options)
  return countGate(output, code)
}
