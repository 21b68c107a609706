import type { Logger } from 'pino'
import { EngineError } from '../errors.ts'
import type { ThreadData } from './call.ts'
import { startThread, type SqliteThread } from './thread-handle.ts'

/** Milliseconds before a thread that died is started again, times its deaths in a row. */
const RESTART_MS = 100
const MAX_RESTART_MS = 5_000
/** Milliseconds of life after which earlier deaths are forgotten. */
const HEALTHY_MS = 60_000

/**
 * A thread that is started again when it dies. What was under way then, and what is asked until it runs again, is refused with EngineError
 * THREAD_ENDED. Throws StorageError if it can't be started the first time.
 */
export async function keptThread(
  data: ThreadData,
  log?: Logger,
  start: (data: ThreadData) => Promise<SqliteThread> = startThread,
): Promise<SqliteThread> {
  const thread = data.readOnly ? 'archive reader' : 'archive writer'
  const ended = Promise.withResolvers<void>()
  let current: SqliteThread | undefined = await start(data)
  let isClosing = false
  let deaths = 0
  let starting: Promise<void> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function watch(running: SqliteThread): void {
    const startedAt = performance.now()
    void running.ended.then(() => {
      if (isClosing) return ended.resolve()
      if (performance.now() - startedAt > HEALTHY_MS) deaths = 0
      current = undefined
      startLater()
    })
  }

  function startLater(): void {
    deaths += 1
    const ms = Math.min(RESTART_MS * deaths, MAX_RESTART_MS)
    log?.error({ thread, deaths, ms }, 'Lost a thread of the archive; starting it again')
    timer = setTimeout(() => (starting = startAgain()), ms)
  }

  async function startAgain(): Promise<void> {
    try {
      const next = await start(data)
      if (isClosing) return await next.close()
      current = next
      watch(next)
      log?.info({ thread }, 'Started a thread of the archive again')
    } catch (err) {
      log?.debug({ err, thread }, 'Could not start a thread of the archive')
      if (!isClosing) startLater()
    }
  }

  watch(current)
  return {
    ended: ended.promise,
    async call(method, ...args) {
      if (!current) throw new EngineError(`The ${thread} is being started again`, { code: 'THREAD_ENDED' })
      return await current.call(method, ...args)
    },
    async close() {
      isClosing = true
      clearTimeout(timer)
      await starting
      await current?.close()
      ended.resolve()
    },
  }
}
