import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Hex } from 'viem'

/** A block header as the node follows it. `timestamp` in unix seconds. */
export interface BlockRef {
  readonly number: bigint
  readonly hash: Hex
  readonly parentHash: Hex
  readonly timestamp: number
}

/** Whether a block is an ancestor of `head`, or `head` itself, as far as that shows without asking; undefined where it doesn't. */
export function isBehind(
  head: BlockRef,
  { number, hash }: Pick<BlockRef, 'number' | 'hash'>,
): boolean | undefined {
  if (number === head.number) return hash === head.hash
  return number + 1n === head.number ? hash === head.parentHash : undefined
}

export interface HeadDeps {
  /** The newest block known at first. */
  readonly first: BlockRef
  readonly latest: () => Promise<BlockRef>
  readonly pollMs: number
  readonly log: Logger
}

export type HeadListener = (head: BlockRef) => Promise<void>

/** Follows the head of the chain by polling. */
export interface Head {
  /** The newest block seen. */
  readonly current: BlockRef
  /** Milliseconds since the chain last answered; whatever the node's clock does. */
  readonly silentMs: number
  /** Runs `listener` for every new head, one at a time; a listener that throws is run again at the next poll. */
  onBlock(name: string, listener: HeadListener): void
  /** Reads the head once and runs the listeners that have not handled it. Throws what reading throws. */
  poll(): Promise<void>
  start(): void
  stop(): Promise<void>
}

export function followHead({ first, latest, pollMs, log }: HeadDeps): Head {
  const listeners: { name: string; run: HeadListener; handled?: Hex; problem?: string }[] = []
  const abort = new AbortController()
  let current = first
  let answeredAt = performance.now()
  let away = false
  let loop: Promise<void> | undefined
  let polling: Promise<void> = Promise.resolve()

  async function notify(head: BlockRef): Promise<void> {
    for (const listener of listeners) {
      if (listener.handled === head.hash || abort.signal.aborted) continue
      try {
        await listener.run(head)
        listener.handled = head.hash
        delete listener.problem
      } catch (err) {
        const problem = String(err)
        const level = problem === listener.problem ? 'debug' : 'warn' // said once, not at every poll
        listener.problem = problem
        log[level](
          { err, listener: listener.name, block: Number(head.number) },
          'Postponed the work for a block',
        )
      }
    }
  }

  async function pollOnce(): Promise<void> {
    const head = await latest()
    current = head
    answeredAt = performance.now()
    await notify(head)
  }

  const poll = (): Promise<void> => {
    const next = polling.then(pollOnce)
    polling = next.catch(() => {})
    return next
  }

  async function run(): Promise<void> {
    while (!abort.signal.aborted) {
      try {
        await poll()
        if (away) log.info({ block: Number(current.number) }, 'Reached the chain again')
        away = false
      } catch (err) {
        if (!away) log.error({ err }, 'Lost the chain; staying up and trying again')
        away = true
      }
      await sleep(pollMs, undefined, { signal: abort.signal }).catch(() => {})
    }
  }

  return {
    get current() {
      return current
    },
    get silentMs() {
      return performance.now() - answeredAt
    },
    onBlock: (name, run) => void listeners.push({ name, run }),
    poll,
    start: () => void (loop ??= run()),
    async stop() {
      abort.abort()
      await loop
      await polling
    },
  }
}
