import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const BOOTSTRAP = join(import.meta.dirname, 'bootstrap.mjs')
let folder: string

function task(name: string, source: string): string {
  const file = join(folder, name)
  writeFileSync(file, source)
  return file
}

interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  out: string
  err: string
}

/** Starts the bootstrap; `onOutput` may signal the process once the task has said something. */
function bootstrap(args: string[], input = '', onOutput?: (pid: number) => void): Promise<Ended> {
  const child = spawn(process.execPath, [BOOTSTRAP, ...args], { stdio: 'pipe' })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
    if (child.pid !== undefined) onOutput?.(child.pid)
  })
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  child.stdin.end(input)
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, out, err })))
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'teahouse-bootstrap-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the bootstrap', () => {
  it('runs TypeScript with Node 24 or newer, with the arguments given', async () => {
    const script = task(
      'args.ts',
      'const rest: string[] = process.argv.slice(2)\nconsole.log(process.versions.node.split(".")[0], rest.join("|"))',
    )
    const { code, out } = await bootstrap(['--', script, 'one', '--two', ''])
    expect(code).toBe(0)
    const [major, rest] = out.trimEnd().split(' ')
    expect(Number(major)).toBeGreaterThanOrEqual(24)
    expect(rest).toBe('one|--two|')
  })

  it('hands on standard input and the exit code', async () => {
    const script = task(
      'input.ts',
      'for await (const chunk of process.stdin) process.exitCode = Number(String(chunk))',
    )
    expect((await bootstrap([script], '42')).code).toBe(42)
  })

  it('hands on SIGTERM and waits for the task to end', async () => {
    const script = task(
      'stop.ts',
      'process.on("SIGTERM", () => setTimeout(() => process.exit(7), 50))\nsetInterval(() => {}, 1000)\nconsole.log("up")',
    )
    const { code } = await bootstrap([script], '', (pid) => void process.kill(pid, 'SIGTERM'))
    expect(code).toBe(7)
  })

  it('ends by the signal that ended the task', async () => {
    const script = task('killed.ts', 'process.kill(process.pid, "SIGKILL")')
    expect((await bootstrap([script])).signal).toBe('SIGKILL')
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'no script', args: [], code: 2, says: 'usage' },
    {
      given: 'a script that does not exist',
      args: ['scripts/nowhere.ts'],
      code: 1,
      says: 'there is no scripts',
    },
  ])('given $given, exits $code', async ({ args, code, says }) => {
    const ended = await bootstrap(args)
    expect(ended.code).toBe(code)
    expect(ended.err).toContain(says)
    expect(ended.out).toBe('')
  })
})
