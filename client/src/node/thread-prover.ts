import { Worker } from 'node:worker_threads'
import { remoteProver, type Prover } from '@teahouse/protocol/rln'
import type { ProverArtifacts } from '../messaging/proving.ts'

/** A prover in a thread of its own, so that this one goes on; `stop()` ends the thread. */
export function threadProver(artifacts: ProverArtifacts): Prover {
  const worker = new Worker(new URL('./proving-thread.ts', import.meta.url))
  return remoteProver(artifacts, {
    send: (message) => worker.postMessage(message),
    receive: (listener) => worker.on('message', listener),
    failed: (listener) => {
      worker.once('error', listener)
      worker.once('exit', listener)
    },
    terminate: async () => void (await worker.terminate()),
  })
}
