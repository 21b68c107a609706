import { Readable } from 'node:stream'
import { run } from '../program.ts'
import type { World } from '../session.ts'

export interface RunOptions {
  readonly stdin?: string
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly askSecret?: (question: string) => Promise<string>
  readonly ask?: (question: string) => Promise<string>
}

/** Runs one command line in a home of its own, and keeps what it printed. */
export async function runTeahouse(
  home: string,
  args: readonly string[],
  { stdin = '', cwd = home, env = {}, askSecret, ask }: RunOptions = {},
) {
  const out = { stdout: '', stderr: '' }
  const world: World = {
    stdin: Readable.from([stdin]),
    stdout: { write: (text) => (out.stdout += text) },
    stderr: { write: (text) => (out.stderr += text) },
    cwd,
    env: { TEAHOUSE_HOME: home, ...env },
    signal: new AbortController().signal,
    scryptCost: { n: 2 ** 10, r: 8, p: 1 },
    ...(askSecret && { askSecret }),
    ...(ask && { ask }),
  }
  return { code: await run(args, world), ...out }
}
