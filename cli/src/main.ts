import { run } from './program.ts'

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())

/** Whoever reads may go first, as in `teahouse listen TOPIC | head -1`: then there is nothing left to do. */
let isUnread = false
let isLost = false
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') isUnread = true
  else isLost = true
  stopping.abort()
})
process.stderr.on('error', () => undefined)

const code = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: { write: (text) => isUnread || process.stderr.write(text) },
  cwd: process.cwd(),
  env: process.env,
  signal: stopping.signal,
})
if (isLost) process.stderr.write('error: The result could not be written\n')
process.exitCode = isLost ? 1 : isUnread ? 0 : code
