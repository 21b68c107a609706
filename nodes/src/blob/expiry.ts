import { setImmediate as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import { inBackground } from '../background.ts'
import type { Service } from '../net/index.ts'
import type { BlobStore } from './blob-store.ts'

/** Seconds for which a blob stays after its time: a renewal that is under way finds it. */
const LEAVE_SECONDS = 60

export interface ExpiryDeps {
  readonly store: Pick<BlobStore, 'removeOver'>
  /** Milliseconds between two looks. */
  readonly everyMs: number
  /** Milliseconds since 1970; what it is ahead of the truth is removed too early. */
  readonly now: () => number
  readonly log: Logger
}

/** Removes blobs whose time is over, in small steps, and gives back the room that they took. */
export function expiry({ store, everyMs, now, log }: ExpiryDeps): Service {
  let stopped = false
  let timer: ReturnType<typeof setInterval> | undefined

  const removing = inBackground(async () => {
    let removed = 0
    try {
      const before = Math.floor(now() / 1_000) - LEAVE_SECONDS
      for (let more = true; more && !stopped; await pause()) {
        const step = await store.removeOver(before)
        removed += step.removed
        more = step.more
      }
    } catch (err) {
      log.error({ err }, 'Failed to remove blobs that are over')
    }
    if (removed > 0) log.debug({ removed }, 'Removed blobs that are over')
  })

  return {
    start() {
      stopped = false
      timer = setInterval(() => removing.run(undefined), everyMs).unref()
      removing.run(undefined)
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      await removing.idle()
    },
  }
}
