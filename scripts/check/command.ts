import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'

/** The repository. */
export const ROOT = resolve(import.meta.dirname, '../..')

export interface Result {
  ok: boolean
  /** What to show when it is not ok. */
  detail: string
}

/** Runs a JavaScript or TypeScript file with this Node and keeps what it prints; ok when it exits 0. */
export function runFile(file: string, args: string[] = []): Promise<Result> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(ROOT, file), ...args],
    {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    },
  )
  let detail = ''
  child.stdout.on('data', (chunk: Buffer) => (detail += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (detail += chunk.toString()))
  return new Promise((done, failed) => {
    child.once('error', failed)
    child.once('close', (code) => done({ ok: code === 0, detail: detail.trim() }))
  })
}

/** A result from a list of findings, none of which is good news. */
export function findings(list: string[]): Result {
  return { ok: list.length === 0, detail: list.join('\n') }
}
