import { parentPort } from 'node:worker_threads'
import { serveProver } from '@teahouse/protocol/rln/serve-prover'

// The program of the thread that thread-prover.ts starts.
serveProver({
  send: (message) => parentPort?.postMessage(message),
  receive: (listener) => parentPort?.on('message', listener),
})
