import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { LocalNetwork } from '@teahouse/protocol/chain'
import { NODE_FLAGS } from '../../../scripts/bootstrap.mjs'

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
  stdout(): string
  /** Waits for `text` on standard output. Throws with all output if the process ends before, or too late. */
  until(text: string, timeoutMs?: number): Promise<void>
  network(): Promise<LocalNetwork>
  readonly ended: Promise<Output>
  signal(name: NodeJS.Signals): void
  /** Closes the reading end of its output, as a terminal does that is closed. */
  closeTerminal(): void
}

export interface RunOptions {
  readonly stdin?: string
  /** An existing home; else a new folder. */
  readonly home?: string
}

export async function startRun(args: readonly string[], { stdin = '', home }: RunOptions = {}): Promise<Run> {
  const folder = home ?? (await mkdtemp(join(tmpdir(), 'teahouse-run-')))
  const child = spawn(process.execPath, [...NODE_FLAGS, MAIN, ...args], {
    env: { ...process.env, TEAHOUSE_HOME: folder },
  })
  child.stdin.end(stdin)
  const collected = collect(child)
  let over = false
  void collected.ended.then(() => (over = true))

  async function until(text: string, timeoutMs = 150_000): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (!collected.stdout().includes(text)) {
      if (over || Date.now() > deadline) {
        throw new Error(`"${text}" is not in:\n${collected.stdout()}\n${collected.stderr()}`)
      }
      await sleep(20)
    }
  }

  return {
    home: folder,
    stdout: collected.stdout,
    until,
    network: async () => LocalNetwork.parse(JSON.parse(await readFile(join(folder, 'local.json'), 'utf8'))),
    ended: collected.ended,
    signal: (name) => void child.kill(name),
    closeTerminal: () => void child.stdout.destroy(),
  }
}

/** The chain and three nodes. */
export const CHILDREN = 4

/** Process ids of a run's children, in the order in which they were started: the chain, then the nodes. */
export async function childrenOf({ home }: Pick<Run, 'home'>): Promise<number[]> {
  const text = await readFile(join(home, 'start.lock'), 'utf8').catch(() => '{"children":[]}')
  return (JSON.parse(text) as { children: { pid: number }[] }).children.map(({ pid }) => pid)
}

/** Kills a child outright; 0 is the chain, 1 to 3 the first processes of the nodes. */
export async function kill(run: Run, index: number, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  for (;;) {
    const pid = (await childrenOf(run))[index]
    if (pid !== undefined) return void process.kill(pid, signal)
    await sleep(20)
  }
}

/** The `teahouse` command, as somebody types it in another terminal. */
export async function teahouse({ home }: Run, ...args: string[]): Promise<Output> {
  const env = { ...process.env, TEAHOUSE_HOME: home }
  return await collect(spawn(process.execPath, [CLI, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] }))
    .ended
}

/** An npm script of the repository, as package.json has it, for the network of `run`. */
export async function npmScript({ home }: Run, name: string, ...args: string[]): Promise<Output> {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const [program, ...own] = (scripts[name] ?? '').split(' ')
  if (program !== 'node') throw new Error(`package.json has no script ${name} that node runs`)
  const env = { ...process.env, TEAHOUSE_HOME: home }
  const stdio = ['ignore', 'pipe', 'pipe'] as const
  return await collect(spawn(process.execPath, [...own, ...args], { cwd: ROOT, env, stdio: [...stdio] }))
    .ended
}

/** The one JSON object that a command with `--json` prints. Throws with its output if it failed. */
export async function teahouseJson(run: Run, ...args: string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr, ended } = await teahouse(run, ...args, '--json')
  if (ended !== 0) throw new Error(`teahouse ${args.join(' ')} ended with ${ended}: ${stderr}`)
  return JSON.parse(stdout) as Record<string, unknown>
}

function collect(child: ChildProcess) {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<Output>((resolve) => {
    child.once('close', (code, signal) => resolve({ stdout, stderr, ended: code ?? signal ?? 'SIGKILL' }))
  })
  return { stdout: () => stdout, stderr: () => stderr, ended }
}
