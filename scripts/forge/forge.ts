import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')

/** npm's names of forge's platform packages; Windows on ARM runs x64 programs. */
const PACKAGES: Record<string, string> = {
  'linux-x64': '@foundry-rs/forge-linux-amd64/bin/forge',
  'linux-arm64': '@foundry-rs/forge-linux-arm64/bin/forge',
  'darwin-x64': '@foundry-rs/forge-darwin-amd64/bin/forge',
  'darwin-arm64': '@foundry-rs/forge-darwin-arm64/bin/forge',
  'win32-x64': '@foundry-rs/forge-win32-amd64/bin/forge.exe',
  'win32-arm64': '@foundry-rs/forge-win32-amd64/bin/forge.exe',
}

/** A reason for the person at the terminal why forge cannot be run. */
export class ForgeError extends Error {}

function binary(): string {
  const platform = `${process.platform}-${process.arch}`
  const path = PACKAGES[platform]
  if (!path) throw new ForgeError(`forge is not packaged for ${platform}`)
  const beside = createRequire(createRequire(import.meta.url).resolve('@foundry-rs/forge/package.json'))
  try {
    return beside.resolve(path)
  } catch {
    throw new ForgeError(`${path.split('/bin/')[0]} is not installed; run npm ci (it is an optional package)`)
  }
}

/** What forge runs as its compiler. Windows runs no scripts by their first line. */
function compiler(): string {
  const script = join(ROOT, 'scripts/forge/solc.mjs')
  if (process.platform !== 'win32') return script
  const folder = join(ROOT, 'cache/forge')
  mkdirSync(folder, { recursive: true })
  const command = join(folder, 'solc.cmd')
  writeFileSync(command, `@"${process.execPath}" "${script}" %*\r\n`)
  return command
}

/** Runs forge in the repository with the settings of foundry.toml; its output goes where ours goes. Answers its exit code. */
export async function forge(
  args: string[],
  signal: AbortSignal,
  env: Record<string, string> = {},
): Promise<number> {
  const child = spawn(binary(), args, {
    cwd: ROOT,
    env: { ...process.env, FOUNDRY_SOLC: compiler(), ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const stop = (): void => void child.kill('SIGTERM')
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await new Promise((done, failed) => {
      child.once('error', failed)
      child.once('close', (code) => done(code ?? 1))
    })
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
