import { Worker } from 'node:worker_threads'
import { EngineError } from '../errors.ts'
import { fromPlain, type Answer, type Call, type ThreadData } from './call.ts'

/** A connection in a thread of its own. Calls are answered in their order. */
export interface SqliteThread {
  call(method: Call['method'], ...args: readonly unknown[]): Promise<unknown>
  /** Resolves when it has ended, whether it was closed or died. */
  readonly ended: Promise<void>
  /** Ends after the calls that are under way. */
  close(): Promise<void>
}

/** Opens the database in a new thread. Throws StorageError as `openDatabase` does. */
export async function startThread(workerData: ThreadData): Promise<SqliteThread> {
  const name = workerData.readOnly ? 'archive reader' : 'archive writer'
  const worker = new Worker(new URL('./thread.ts', import.meta.url), { name, workerData })
  const pending = new Map<number, PromiseWithResolvers<unknown>>()
  const ended = Promise.withResolvers<void>()
  let gone: EngineError | undefined
  let calls = 0

  function expect(id: number): Promise<unknown> {
    const answered = Promise.withResolvers<unknown>()
    pending.set(id, answered)
    return answered.promise
  }
  function end(cause?: unknown): void {
    gone ??= new EngineError(`The ${name} has ended`, { code: 'THREAD_ENDED' }, { cause })
    for (const { reject } of pending.values()) reject(gone)
    pending.clear()
    ended.resolve()
  }
  worker.on('message', (answer: Answer) => {
    const answered = pending.get(answer.id)
    pending.delete(answer.id)
    if (answer.error === undefined) answered?.resolve(answer.result)
    else answered?.reject(fromPlain(answer.error))
  })
  worker.once('error', end)
  worker.once('exit', () => end())

  function call(method: Call['method'], ...args: readonly unknown[]): Promise<unknown> {
    if (gone) return Promise.reject(gone)
    const id = ++calls
    worker.postMessage({ id, method, args } satisfies Call)
    return expect(id)
  }

  await expect(0).catch(async (error: unknown) => {
    await worker.terminate()
    throw error
  })
  return {
    call,
    ended: ended.promise,
    async close() {
      if (gone) return
      await call('close')
      await ended.promise
    },
  }
}
