import { Worker } from 'node:worker_threads'
import { VerifierPoolError } from './errors.ts'

/** What a thread is started with. */
export interface ThreadData {
  readonly verificationKey: unknown
}

/** Claims as `packClaim` packed them, one behind the other. */
export interface Task {
  readonly id: number
  readonly claims: Uint8Array
}

/** One verdict a claim. */
export interface Answer {
  readonly id: number
  readonly verdicts: readonly boolean[]
  /** Milliseconds of a core that it took. */
  readonly cpuMs: number
}

/** One thread that verifies, one task at a time. */
export interface Thread {
  /** Rejects with THREAD_LOST when the thread ends or stays silent; it is of no use then. */
  run(claims: Uint8Array): Promise<readonly boolean[]>
  /** Milliseconds of a core that the last task took; undefined before the second one, since the first loads everything. */
  readonly lastCpuMs?: number | undefined
  stop(): Promise<void>
}

export interface ThreadConfig extends ThreadData {
  readonly timeoutMs: number
  /** The thread's program; another one in tests. */
  readonly program?: URL
}

/** Starts a thread. */
export function startThread({ verificationKey, timeoutMs, program }: ThreadConfig): Thread {
  const worker = new Worker(program ?? new URL('./thread.ts', import.meta.url), {
    workerData: { verificationKey } satisfies ThreadData,
    name: 'verifier',
  })
  let lastId = 0
  let pending: { id: number; settle: PromiseWithResolvers<readonly boolean[]> } | undefined
  let lastCpuMs: number | undefined
  let lost: VerifierPoolError | undefined

  function lose(cause?: unknown): void {
    lost ??= new VerifierPoolError('A verifier thread ended', { code: 'THREAD_LOST' }, { cause })
    pending?.settle.reject(lost)
    pending = undefined
  }
  worker.on('error', lose)
  worker.on('messageerror', lose)
  worker.on('exit', (code) => lose(`exit code ${code}`))
  worker.on('message', ({ id, verdicts, cpuMs }: Answer) => {
    if (pending?.id !== id) return
    if (id > 1) lastCpuMs = cpuMs
    pending.settle.resolve(verdicts)
    pending = undefined
  })

  return {
    get lastCpuMs() {
      return lastCpuMs
    },
    async run(claims) {
      if (lost) throw lost
      const settle = Promise.withResolvers<readonly boolean[]>()
      const id = ++lastId
      pending = { id, settle }
      const timer = setTimeout(() => {
        lose('silent for too long')
        void worker.terminate()
      }, timeoutMs)
      try {
        worker.postMessage({ id, claims } satisfies Task, [claims.buffer as ArrayBuffer])
        return await settle.promise
      } finally {
        clearTimeout(timer)
      }
    },
    async stop() {
      await worker.terminate()
    },
  }
}
