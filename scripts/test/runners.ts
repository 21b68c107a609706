import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countGate, countHardhat, countVitest, type Count } from './count.ts'

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

/**
 * Runs a script, or a package's command, with this Node, shows its output live, and keeps it when `keep` is set. It gets a process group of
 * its own, which is ended with it: what a test started and left behind does not outlive the run.
 */
function runBin(
  bin: string,
  args: string[],
  keep: boolean,
  { root, deep, seed, signal }: RunOptions,
): Promise<Ended> {
  const env = { ...process.env, TEAHOUSE_SEED: String(seed), ...(deep ? { TEAHOUSE_DEEP: '1' } : {}) }
  const child = spawn(process.execPath, [join(root, bin), ...args], {
    cwd: root,
    env,
    stdio: ['ignore', keep ? 'pipe' : 'inherit', keep ? 'pipe' : 'inherit'],
    detached: process.platform !== 'win32',
  })
  const stop = (): void => endGroup(child)
  signal.addEventListener('abort', stop, { once: true })
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    process.stdout.write(chunk)
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    process.stderr.write(chunk)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', stop)
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop)
      resolve({ code: code ?? 1, output })
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
    const { code } = await runBin('node_modules/vitest/vitest.mjs', args, false, options)
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

const HARDHAT_TASKS = {
  solidity: ['solidity'],
  gas: ['solidity', '--snapshot-check'],
  nodejs: ['nodejs'],
} as const

/** Runs one of hardhat's test runners; `gas` also fails when an operation costs anything else than snapshots/ says. */
export async function runHardhat(
  runner: keyof typeof HARDHAT_TASKS,
  files: string[],
  options: RunOptions,
): Promise<Count> {
  const args = ['test', ...HARDHAT_TASKS[runner], ...files]
  const { code, output } = await runBin('node_modules/hardhat/dist/src/cli.js', args, true, options)
  return countHardhat(output, code)
}

/** Runs a script that measures the tests themselves, and exits 1 below its bounds; one count a contract that it judges. */
export async function runGate(script: string, args: string[], options: RunOptions): Promise<Count> {
  const { code, output } = await runBin(script, args, true, options)
  return countGate(output, code)
}
