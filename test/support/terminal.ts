import { spawn } from 'node:child_process'
import { until } from './chain.ts'

/** A command on a pseudo-terminal of its own, and whoever sits at it. */
export interface Terminal {
  /** All that stands on the screen, without the carriage returns. */
  screen(): string
  /** Types a line. */
  type(line: string): void
  /** Ctrl and a letter. */
  control(letter: 'C' | 'D'): void
  /** Waits until something stands there that did not when this was last called; what came until then. */
  sees(what: string | RegExp, timeoutMs?: number): Promise<string>
  /** Waits for the end: the exit code, and whether the terminal is as it was before. */
  ended(): Promise<{ code: number; restored: boolean }>
  kill(): void
}

const END = /^settings (\S+) (\d+) (\S+)$/m

/** Starts `command` (for /bin/sh) under util-linux' script(1). The shell outlives Ctrl-C, so that it can tell how the command left the terminal. */
export function openTerminal(command: string, env: Readonly<Record<string, string>>): Terminal {
  const script = `before=$(stty -g); trap : INT; ${command}; code=$?; echo; echo settings $before $code $(stty -g)`
  const child = spawn('script', ['--quiet', '--flush', '--command', script, '/dev/null'], {
    env: { ...process.env, ...env, SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let screen = ''
  let seen = 0
  child.stdout.on('data', (chunk: Buffer) => (screen += chunk.toString().replaceAll('\r', '')))
  child.stdin.on('error', () => undefined)
  return {
    screen: () => screen,
    type: (line) => void child.stdin.write(`${line}\n`),
    control: (letter) => void child.stdin.write(String.fromCharCode(letter.charCodeAt(0) - 64)),
    async sees(what, timeoutMs = 60_000) {
      const find = () => {
        const fresh = screen.slice(seen)
        const [found] =
          typeof what === 'string' ? (fresh.includes(what) ? [what] : []) : (what.exec(fresh) ?? [])
        return found === undefined ? undefined : fresh.slice(0, fresh.indexOf(found) + found.length)
      }
      const fresh = await until(`there stands ${String(what)}`, async () => find(), timeoutMs).catch(
        (cause: unknown) => {
          throw new Error(`Not on the screen: ${String(what)}\n${screen.slice(seen)}`, { cause })
        },
      )
      seen += fresh.length
      return fresh
    },
    async ended() {
      const [, before, code, after] = await until(
        'the command ends',
        async () => END.exec(screen) ?? undefined,
      )
      return { code: Number(code), restored: before === after }
    },
    kill: () => void child.kill('SIGKILL'),
  }
}
