import { ask } from './ask.ts'
import { askSecret } from './ask-secret.ts'
import { run } from './program.ts'
import { asked } from './texts/language.ts'
import { say } from './texts/say.ts'

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())

/** Whoever reads may go first, as in `teahouse listen TOPIC | head -1`: then there is nothing left to do. */
let isUnread = false
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  stopping.abort()
  if (code === 'EPIPE') isUnread = true
  else {
    const text = say`The result could not be written (${code ?? ''})`
    process.stderr.write(`${asked(process.env, say`error: ${text}`)}\n`)
    process.once('exit', () => (process.exitCode = 1)) // it may come after the command has ended
  }
})
process.stderr.on('error', () => undefined)

const code = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: { write: (text) => isUnread || process.stderr.write(text) },
  cwd: process.cwd(),
  env: process.env,
  signal: stopping.signal,
  ...(process.stdin.isTTY && {
    ask: ask(process.stdin, process.stderr, stopping.signal),
    askSecret: askSecret(process.stdin, process.stderr),
  }),
})
process.exitCode = isUnread ? 0 : code
