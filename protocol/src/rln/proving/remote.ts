import { ProofError } from '../errors.ts'
import {
  checkInput,
  checkSlotInput,
  type ProveOptions,
  type Prover,
  type ProverArtifacts,
  unlessAborted,
} from '../prover.ts'
import type { MadeProof, ProvingCounters } from './core.ts'
import type { Order, ProverPort, Report } from './port.ts'
import type { Slot } from './slot.ts'

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  readonly onProgress: ((done: number) => void) | undefined
}

/** A worker that runs `serveProver`, seen from outside. */
export interface ProverWorker extends ProverPort {
  /** Called once if the worker ends without having been asked to. */
  failed(listener: (cause: unknown) => void): void
  /** Ends the thread, whatever it is doing. */
  terminate(): Promise<void> | void
}

type Task = { [Kind in Order['kind']]: Omit<Extract<Order, { kind: Kind }>, 'id'> }[
  'prove' | 'prepare' | 'counters' | 'stop']

/** A prover whose work is done by `worker`. If that dies, what waits and what comes fails with PROVING_FAILED. */
export function remoteProver(artifacts: ProverArtifacts, worker: ProverWorker): Prover {
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  let ended: ProofError | undefined

  function end(error: ProofError): void {
    ended ??= error
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }

  worker.receive((message) => {
    const report = message as Report
    const task = waiting.get(report.id)
    if (!task) return
    if (report.kind === 'progress') return task.onProgress?.(report.done)
    waiting.delete(report.id)
    if (report.kind === 'result') task.resolve(report.value)
    else task.reject(new ProofError(report.message, report.detail))
  })
  worker.failed((cause) => {
    end(new ProofError('The proving worker ended', { code: 'PROVING_FAILED' }, { cause }))
  })
  worker.send({ kind: 'open', artifacts } satisfies Order)

  async function ask(task: Task, { signal, onProgress }: ProveOptions = {}): Promise<unknown> {
    if (ended) throw ended
    const id = ++lastId
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    promise.catch(() => undefined) // may be left behind by an abort
    waiting.set(id, { resolve, reject, onProgress })
    const cancel = () => worker.send({ kind: 'cancel', id } satisfies Order)
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      if (!signal?.aborted) worker.send({ ...task, id })
      return await unlessAborted(promise, signal)
    } finally {
      signal?.removeEventListener('abort', cancel)
      waiting.delete(id)
    }
  }

  return {
    async prove(input, options) {
      checkInput(input)
      return (await ask({ kind: 'prove', input }, options)) as MadeProof
    },
    async prepare(input, options) {
      checkSlotInput(input)
      return (await ask({ kind: 'prepare', input }, options)) as Slot
    },
    async counters() {
      return (await ask({ kind: 'counters' })) as ProvingCounters
    },
    async stop() {
      if (!ended) await ask({ kind: 'stop' }).catch(() => undefined)
      end(new ProofError('The prover is stopped', { code: 'PROVER_STOPPED' }))
      await worker.terminate()
    },
  }
}
