import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'

/** `serving` until it is asked to leave; `leaving`: announced no more, serves on; `settling`: refuses new work; `drained`. */
export const DRAIN_STATES = ['serving', 'leaving', 'settling', 'drained'] as const
export type DrainState = (typeof DRAIN_STATES)[number]

export interface DrainView {
  readonly state: DrainState
  /** Unix seconds until which a node that leaves serves on. */
  readonly until?: number
  /** What vouchers are worth that are not collected, in the token's smallest unit. */
  readonly pending: bigint
}

export interface DrainDeps {
  /** Takes the announcement back, and makes no new one. Throws what sending throws. */
  readonly retire: () => Promise<void>
  /** Ends everything that serves others. */
  readonly stopServing: () => Promise<void>
  readonly settle: () => Promise<void>
  readonly pending: () => bigint
  /** How long to serve on unless the operator says otherwise: until no account counts on this node for its message ids. */
  readonly defaultWaitSeconds: number
  readonly drained: () => void
  readonly signal: AbortSignal
  readonly now: () => number
  readonly log: Logger
}

/** How a node goes without leaving anybody in the middle of something. */
export interface Drain {
  view(): DrainView
  /** Begins to leave; once it has, nothing but the time may be changed, and that only to a shorter one. */
  begin(waitSeconds?: number): DrainView
}

/** Times that vouchers are tried to be collected before the node stops without. */
const ATTEMPTS = 3
const PAUSE_MS = 1_000
/** That an answer to the operator, who looks on, is on its way. */
const GOODBYE_MS = 1_000
const LOOK_MS = 100

export function createDrain(deps: DrainDeps): Drain {
  const { signal, now, log } = deps
  let state: DrainState = 'serving'
  let until: number | undefined
  let announced = true

  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined)

  async function retire(): Promise<void> {
    await deps.retire().then(
      () => void (announced = false),
      (err: unknown) => log.warn({ err }, 'Could not take the announcement back; goes on draining'),
    )
  }

  async function run(): Promise<void> {
    await retire()
    while (now() / 1_000 < until! && !signal.aborted) await pause(LOOK_MS)
    if (signal.aborted) return
    if (announced) await retire()
    state = 'settling'
    await deps
      .stopServing()
      .catch((err: unknown) => log.warn({ err }, 'Could not stop serving; goes on draining'))
    for (let attempt = 1; attempt <= ATTEMPTS && !signal.aborted; attempt++) {
      await deps.settle().catch((err: unknown) => log.warn({ err }, 'Could not collect vouchers'))
      if (deps.pending() === 0n) break
      await pause(PAUSE_MS)
    }
    state = 'drained'
    log.info({ pending: deps.pending().toString() }, 'Drained the node')
    await pause(GOODBYE_MS)
    deps.drained()
  }

  const view = (): DrainView => ({ state, ...(until !== undefined && { until }), pending: deps.pending() })

  return {
    view,
    begin(waitSeconds = deps.defaultWaitSeconds) {
      const wanted = Math.floor(now() / 1_000) + waitSeconds
      until = until === undefined ? wanted : Math.min(until, wanted)
      if (state === 'serving') {
        state = 'leaving'
        log.info({ until }, 'Draining the node')
        void run().catch((err: unknown) => log.error({ err }, 'Failed to drain the node'))
      }
      return view()
    },
  }
}
