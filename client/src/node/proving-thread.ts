import { parentPort } from 'node:worker_threads'
import { serveProver } from '@teahouse/protocol/rln/serve-prover'

// The script of the worker that `threadProver` starts.
serveProver({
  send: (message) => parentPort?.postMessage(message),
  receive: (listener) => parentPort?.on('message', listener),
})
