import { setTimeout as sleep } from 'node:timers/promises'

/** Codes of PostgreSQL, https://www.postgresql.org/docs/current/errcodes-appendix.html, and of Node, after which another try may do. */
const PASSING = new Set([
  '57P01', // terminated by an administrator
  '57P02', // crash of the server
  '57P03', // starting up or shutting down
  '53300', // too many connections
  '40001', // serialization failure
  '40P01', // deadlock
  '55P03', // a lock was not to be had in time
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT', // its socket file, while it restarts
])
const CONNECTION_CLASS = '08'
/** Failures that pg tells by text alone. */
const BROKEN =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout)/

/** After these nothing was done, whatever was asked. */
const NOT_DONE = new Set(['57P03', '53300', '40001', '40P01', '55P03', 'ECONNREFUSED', 'ENOENT', '23514'])

export const NO_PARTITION = '23514'

export function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : ''
}

/** True if the same may succeed when it is tried again. */
export function isPassing(error: unknown): boolean {
  const code = codeOf(error)
  if (PASSING.has(code) || code.startsWith(CONNECTION_CLASS)) return true
  return error instanceof Error && BROKEN.test(error.message)
}

/** True if a write that failed so may have been committed nevertheless. */
export const mayBeDone = (error: unknown) => isPassing(error) && !NOT_DONE.has(codeOf(error))

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1_000

/** Tries again while failures are passing, for `forMs`; then throws the last one. */
export async function retrying<T>(
  forMs: number,
  run: () => Promise<T>,
  onFailure: (error: unknown) => void = () => undefined,
): Promise<T> {
  const deadline = Date.now() + forMs
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await run()
    } catch (error) {
      onFailure(error)
      if (!isPassing(error) || Date.now() + pause > deadline) throw error
      await sleep(pause)
    }
  }
}
