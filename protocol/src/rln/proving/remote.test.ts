import { describe, expect, it } from 'vitest'
import type { ProverInput } from '../prover.ts'
import { membershipTree } from '../tree.ts'
import type { Order, Report } from './port.ts'
import { remoteProver } from './remote.ts'
import { serveProver } from './serve.ts'

const artifacts = { wasm: new Uint8Array(), zkey: new Uint8Array() }
const input: ProverInput = {
  secret: 5n,
  rateLimit: 3,
  messageId: 0,
  path: membershipTree().path(0),
  x: 7n,
  externalNullifier: 9n,
}

/** A worker that does nothing but tell what it was sent; the test answers for it. */
function silentWorker() {
  const sent: Order[] = []
  let answer: (report: Report) => void = () => undefined
  let die: (cause: unknown) => void = () => undefined
  let terminated = false
  const prover = remoteProver(artifacts, {
    send: (message) => void sent.push(message as Order),
    receive: (listener) => (answer = listener),
    failed: (listener) => (die = listener),
    terminate: () => void (terminated = true),
  })
  const idOf = (at: number) => (sent[at] as { id: number }).id
  return {
    ...{ prover, sent, idOf },
    answer: (report: Report) => answer(report),
    die: (cause: unknown) => die(cause),
    isTerminated: () => terminated,
  }
}

describe('a prover elsewhere', () => {
  it('gets its artifacts first, then tasks; answers find who asked, in any order', async () => {
    const { prover, sent, answer, idOf } = silentWorker()
    const seen: number[] = []
    const first = prover.prove(input, { onProgress: (done) => seen.push(done) })
    const second = prover.prove({ ...input, x: 8n })
    expect(sent.map(({ kind }) => kind)).toEqual(['open', 'prove', 'prove'])
    answer({ kind: 'result', id: idOf(2), value: 'two' })
    answer({ kind: 'progress', id: idOf(1), done: 0.5 })
    answer({ kind: 'result', id: idOf(1), value: 'one' })
    expect([await first, await second]).toEqual(['one', 'two'])
    expect(seen).toEqual([0.5])
  })

  it('tells the worker when a task is cancelled, and waits no longer', async () => {
    const { prover, sent, answer, idOf } = silentWorker()
    const controller = new AbortController()
    const task = prover.prepare(input, { signal: controller.signal })
    await Promise.resolve()
    controller.abort('enough')
    await expect(task).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
    expect(sent.at(-1)).toEqual({ kind: 'cancel', id: idOf(1) })
    answer({ kind: 'result', id: idOf(1), value: 'too late' })
  })

  it('fails with all that waits when the worker dies, and with all that comes', async () => {
    const { prover, die } = silentWorker()
    const task = prover.prove(input)
    await Promise.resolve()
    die(new RangeError('out of memory'))
    await expect(task).rejects.toMatchObject({ code: 'PROVING_FAILED', cause: { message: 'out of memory' } })
    await expect(prover.prove(input)).rejects.toMatchObject({ code: 'PROVING_FAILED' })
  })

  it('refuses before anything is sent', async () => {
    const { prover, sent } = silentWorker()
    await expect(prover.prove({ ...input, x: 0n })).rejects.toMatchObject({ code: 'ZERO_X' })
    await expect(prover.prepare({ ...input, messageId: 3 })).rejects.toMatchObject({ code: 'OVER_LIMIT' })
    const signal = AbortSignal.abort()
    await expect(prover.prove(input, { signal })).rejects.toMatchObject({ code: 'ABORTED' })
    expect(sent).toHaveLength(1)
  })

  it('carries typed errors across threads, and stops for good', async () => {
    const { port1, port2 } = new MessageChannel()
    const end = (port: MessagePort) => ({
      send: (message: unknown) => port.postMessage(message),
      receive: (listener: (message: unknown) => void) => (port.onmessage = ({ data }) => listener(data)),
    })
    serveProver(end(port2))
    const prover = remoteProver(artifacts, {
      ...end(port1),
      failed: () => undefined,
      terminate: () => port1.close(),
    })
    await expect(prover.prove(input)).rejects.toMatchObject({ code: 'PROVING_FAILED' })
    expect(await prover.counters()).toEqual({ witnesses: 0, plain: 0, cached: 0, slots: 0 })
    await prover.stop()
    await expect(prover.prove(input)).rejects.toMatchObject({ code: 'PROVER_STOPPED' })
  })
})
