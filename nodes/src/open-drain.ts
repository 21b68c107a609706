import type { Base } from './base.ts'
import { createDrain, type Drain } from './drain.ts'
import type { Payments } from './payments/payments.ts'

/** Who was chosen to keep message ids stays so for as many epochs: docs/wire/lease.md. */
const EPOCHS = 3

export interface DrainParts {
  readonly retire: () => Promise<void>
  readonly profile: { stop(): Promise<void> }
  readonly payments: Pick<Payments, 'settlement' | 'book'>
  readonly drained: () => void
}

/** How the operator has this node leave. */
export function openDrain(
  { chain, stops, now, log }: Base,
  { retire, profile, payments, drained }: DrainParts,
): Drain {
  const abort = new AbortController()
  stops.add('drain', () => abort.abort())
  return createDrain({
    retire,
    stopServing: () => profile.stop(),
    settle: () => payments.settlement.settle({ everything: true }),
    pending: () => payments.book.totals().pending,
    defaultWaitSeconds: EPOCHS * chain.params.epochSeconds,
    drained,
    signal: abort.signal,
    now,
    log: log.child({ module: 'drain' }),
  })
}
