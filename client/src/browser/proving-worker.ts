import { serveProver } from '@teahouse/protocol/rln/serve-prover'

// The script of the worker that `workerProver` starts.
serveProver({
  send: (message) => self.postMessage(message),
  receive: (listener) => self.addEventListener('message', ({ data }) => listener(data)),
})
