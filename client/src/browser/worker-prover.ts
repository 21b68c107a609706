import { remoteProver, type Prover } from '@teahouse/protocol/rln'
import type { ProverArtifacts } from '../messaging/proving.ts'

/** A prover in a module worker, so that the page goes on; `stop()` ends the worker. Bundlers find its script by the URL. */
export function workerProver(artifacts: ProverArtifacts): Prover {
  const worker = new Worker(new URL('./proving-worker.ts', import.meta.url), { type: 'module' })
  return remoteProver(artifacts, {
    send: (message) => worker.postMessage(message),
    receive: (listener) => worker.addEventListener('message', ({ data }) => listener(data)),
    failed: (listener) => worker.addEventListener('error', listener, { once: true }),
    terminate: () => worker.terminate(),
  })
}
