// A verifier thread: gets packed claims, answers which hold. Started by thread-handle.ts.
import { createVerifier } from '@teahouse/protocol/rln/verifier'
import { parentPort, workerData } from 'node:worker_threads'
import type { Answer, Task, ThreadData } from './thread-handle.ts'

const { verificationKey } = workerData as ThreadData
const verifier = createVerifier(verificationKey)

parentPort!.on('message', ({ id, claims }: Task) => {
  const before = process.threadCpuUsage()
  // A rejection is not handled on purpose: it ends the thread, and another one takes over.
  void verifier.verifyPacked(claims).then((verdicts) => {
    const { user, system } = process.threadCpuUsage(before)
    parentPort!.postMessage({ id, verdicts, cpuMs: (user + system) / 1_000 } satisfies Answer)
  })
})
