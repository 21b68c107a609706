import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { run } from '../../cli/src/program.ts'

/** What a call of the command brings along. */
interface Call {
  readonly args: string[]
  readonly cwd: string
  readonly env: Record<string, string>
}

/** The program of a shell that hands its command line to the server, and prints and ends as it says. */
export const CLIENT = `
const { connect } = require('node:net')
const socket = connect(process.argv[2])
let text = ''
socket.setEncoding('utf8').on('data', (chunk) => (text += chunk)).on('end', () => {
  const { code, stdout, stderr } = JSON.parse(text)
  process.stderr.write(stderr)
  process.stdout.write(stdout)
  process.exitCode = code
})
socket.end(JSON.stringify({ args: process.argv.slice(3), cwd: process.cwd(), env: process.env }))
`

/**
 * The teahouse command in this process, for shells that have many of them to run: each would load half a second of modules anew. What it does is
 * what the program does; only `node run`, which is a process of its own, is not for it.
 */
export async function teahouseServer() {
  const folder = await mkdtemp(join(tmpdir(), 'teahouse-server-'))
  const path = join(folder, 'socket')
  const server = createServer({ allowHalfOpen: true }, (socket) => void answer(socket))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    path,
    async stop() {
      await new Promise((resolve) => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function answer(socket: Socket): Promise<void> {
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  const { args, cwd, env } = JSON.parse(text) as Call
  const out = { stdout: '', stderr: '' }
  const code = await run(args, {
    stdin: Readable.from(['']),
    stdout: { write: (line) => (out.stdout += line) },
    stderr: { write: (line) => (out.stderr += line) },
    cwd,
    env,
    signal: new AbortController().signal,
  })
  socket.end(JSON.stringify({ code, ...out }))
}
