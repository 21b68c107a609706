import { setImmediate as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import { inBackground } from '../background.ts'
import type { Service } from '../net/index.ts'
import type { Archive } from './archive.ts'

/** Messages removed at a time, so that pruning holds nothing up. */
const REMOVED_AT_ONCE = 1_000

export interface Retention {
  /** How long messages are kept, in seconds. */
  readonly retentionSeconds: number
  readonly pruneEveryMs: number
}

/** Lets messages go when their time is over. */
export function pruner(settings: Retention, messages: Pick<Archive, 'prune'>, log: Logger): Service {
  let stopped = false
  let timer: ReturnType<typeof setInterval> | undefined

  const pruning = inBackground(async () => {
    try {
      const oldest = BigInt(Date.now() - settings.retentionSeconds * 1_000) * 1_000_000n
      while (!stopped && (await messages.prune(oldest, REMOVED_AT_ONCE)) === REMOVED_AT_ONCE) await pause()
    } catch (error) {
      log.error({ err: error }, 'Could not remove old messages')
    }
  })

  return {
    start() {
      stopped = false
      timer = setInterval(() => pruning.run(undefined), settings.pruneEveryMs).unref()
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      await pruning.idle()
    },
  }
}
