import { Worker } from 'node:worker_threads'
import { remoteProver, type Prover, type ProverArtifacts } from '@teahouse/protocol/rln'

/**
 * A prover in a thread of its own, so that lending the node's membership never keeps the relay waiting. The thread starts
 * with the first proof; `stop()` ends it.
 */
export function threadProver(artifacts: ProverArtifacts): Pick<Prover, 'prove' | 'stop'> {
  let opened: Prover | undefined

  function open(): Prover {
    const worker = new Worker(new URL('./proving-thread.ts', import.meta.url), { name: 'prover' })
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
  return {
    prove: (input, options) => (opened ??= open()).prove(input, options),
    async stop() {
      await opened?.stop()
    },
  }
}
