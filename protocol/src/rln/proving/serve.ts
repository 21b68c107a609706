import { ProofError } from '../errors.ts'
import { createProver, type ProveOptions, type Prover } from '../prover.ts'
import { errorReport, type Order, type ProverPort, type Report } from './port.ts'

/** Runs a prover for the other end of a port: all that a worker's script has to do. */
export function serveProver(port: ProverPort): void {
  let prover: Prover | undefined
  const running = new Map<number, AbortController>()
  const report = (message: Report) => port.send(message)

  async function answer(order: Exclude<Order, { kind: 'open' | 'cancel' }>): Promise<unknown> {
    if (!prover) throw new ProofError('The prover is not open', { code: 'PROVER_STOPPED' })
    if (order.kind === 'counters') return await prover.counters()
    if (order.kind === 'stop') return await prover.stop()
    const controller = new AbortController()
    running.set(order.id, controller)
    const onProgress = (done: number) => report({ kind: 'progress', id: order.id, done })
    const options: ProveOptions = { signal: controller.signal, onProgress }
    try {
      return order.kind === 'prove'
        ? await prover.prove(order.input, options)
        : await prover.prepare(order.input, options)
    } finally {
      running.delete(order.id)
    }
  }

  port.receive((message) => {
    const order = message as Order
    if (order.kind === 'open') prover = createProver(order.artifacts)
    else if (order.kind === 'cancel') running.get(order.id)?.abort()
    else {
      answer(order).then(
        (value) => report({ kind: 'result', id: order.id, value }),
        (error: unknown) => report(errorReport(order.id, error)),
      )
    }
  })
}
