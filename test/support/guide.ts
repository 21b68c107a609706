import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../../scripts/start/free-ports.ts'
import { ROOT } from './chain.ts'
import { CLIENT, teahouseServer } from './teahouse-server.ts'

/** A block of commands in a document, and the heading that it stands under. */
export interface GuideBlock {
  readonly heading: string
  readonly commands: string
}

/** The `sh` blocks of a document, in their order. */
export async function guideBlocks(path: string): Promise<GuideBlock[]> {
  const text = await readFile(join(ROOT, path), 'utf8')
  let heading = ''
  const blocks: GuideBlock[] = []
  for (const [, title, commands] of text.matchAll(/^#+ (.*)$|^```sh\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined) heading = title
    else blocks.push({ heading, commands: commands! })
  }
  return blocks
}

/** One for TCP, the next for WebSocket, one for HTTP. */
export async function consecutivePorts(): Promise<[number, number, number]> {
  for (;;) {
    const [port, apiPort] = await freePorts(2)
    if (port !== apiPort! - 1 && port! < 65_000) return [port!, port! + 1, apiPort!]
  }
}

export interface GuideShell {
  readonly folder: string
  /** Runs a block as a person would who pastes it; variables stay for the next one. Its exit code, and all that it printed. */
  run(commands: string): Promise<{ code: number | null; output: string }>
  stop(): Promise<void>
}

/**
 * A shell in an empty folder, for which `teahouse` is this checkout's: `node run` as a process, the rest by a server here. `prelude` is shell that may change its arguments.
 */
export async function guideShell(env: Readonly<Record<string, string>>, prelude = ''): Promise<GuideShell> {
  const folder = await mkdtemp(join(tmpdir(), 'teahouse-guide-'))
  const bin = join(folder, '.bin')
  const state = join(folder, '.state')
  const server = await teahouseServer()
  await mkdir(bin)
  await writeFile(join(bin, 'client.cjs'), CLIENT)
  const program = join(bin, 'teahouse')
  const lines = [
    '#!/bin/sh',
    prelude,
    `[ "$1 $2" = "node run" ] && exec "${process.execPath}" "${ROOT}/cli/bin/teahouse.mjs" "$@"`,
    `exec "${process.execPath}" "${bin}/client.cjs" "${server.path}" "$@"`,
  ]
  await writeFile(program, `${lines.join('\n')}\n`)
  await chmod(program, 0o755)
  await writeFile(state, '')
  return {
    folder,
    run: (commands) => {
      const script = `set -e\n. "${state}"\n${commands}\nexport -p > "${state}"\n`
      return runScript(script, folder, { ...env, PATH: `${bin}:${process.env['PATH']}` })
    },
    stop: server.stop,
  }
}

function runScript(script: string, cwd: string, env: Readonly<Record<string, string>>) {
  return new Promise<{ code: number | null; output: string }>((resolve) => {
    const child = spawn('/bin/sh', ['-c', script], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const collect = (chunk: Buffer) => void (output += chunk.toString())
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    // What runs on in the background keeps the pipes: the shell's own end counts.
    child.once('exit', (code) => setTimeout(() => resolve({ code, output }), 50))
  })
}
