import { spawn } from 'node:child_process'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { LocalNetwork } from '@teahouse/protocol/chain'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const MAIN = join(ROOT, 'scripts/start/main.ts')
const CLI = join(ROOT, 'cli/bin/teahouse.mjs')

export interface Output {
  readonly stdout: string
  readonly stderr: string
  /** The exit code, or the signal that ended it. */
  readonly ended: number | NodeJS.Signals
}

/** `npm start` as a process of its own, in a home of its own. */
export interface Run {
  readonly home: string
  readonly pid: number
  stdout(): string
  /** Waits for `text` on standard output. Throws with all output if the process ends first. */
  until(text: string | RegExp, timeoutMs?: number): Promise<void>
  network(): Promise<LocalNetwork>
  ended: Promise<Output>
  signal(name: NodeJS.Signals): void
}

export async function startRun(args: readonly string[], { stdin = '', home }: { stdin?: string; home?: string } = {}): Promise<Run> {
  const folder = home ?? (await mkdtemp(join(tmpdir(), 'teahouse-run-')))
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, TEAHOUSE_HOME: folder } })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdin.end(stdin)
  let over = false
  const ended = new Promise<Output>((resolve) => {
    child.once('close', (code, signal) => {
      over = true
      resolve({ stdout, stderr, ended: code ?? signal ?? 'SIGKILL' })
    })
  })

  async function until(text: string | RegExp, timeoutMs = 120_000): Promise<void> {
    const found = () => (typeof text === 'string' ? stdout.includes(text) : text.test(stdout))
    const deadline = Date.now() + timeoutMs
    while (!found()) {
      if (over || Date.now() > deadline) throw new Error(`No ${text} in:\n${stdout}\n${stderr}`)
      await sleep(50)
    }
  }

  return {
    home: folder,
    pid: child.pid ?? 0,
    stdout: () => stdout,
    until,
    network: async () => LocalNetwork.parse(JSON.parse(await readFile(join(folder, 'local.json'), 'utf8'))),
    ended,
    signal: (name) => void child.kill(name),
  }
}

/** The `teahouse` command of another terminal, against the network of `run`. */
export async function teahouse(run: Run, args: readonly string[], accounts: string): Promise<Output> {
  const child = spawn(process.execPath, [CLI, ...args, '--network', join(run.home, 'local.json')], {
    env: { ...process.env, TEAHOUSE_ACCOUNTS: accounts },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return await new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ stdout, stderr, ended: code ?? signal ?? 'SIGKILL' }))
  })
}
