import { setImmediate as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import { z } from 'zod'
import { inBackground } from '../background.ts'
import type { Service } from '../net/index.ts'
import type { Archive } from './archive.ts'
import type { PruneLimits } from './engine.ts'
import { ArchiveError } from './errors.ts'

/** How long and how much an archive keeps; the oldest messages go first. What is not named has no limit but `seconds`. */
export const RetentionConfig = z.strictObject({
  /** Messages older than this go, by their timestamp. */
  seconds: z
    .int()
    .positive()
    .default(30 * 86_400),
  /** When the encoded messages take more bytes than this, the oldest go until they do not. Indexes come on top. */
  bytes: z.int().positive().optional(),
  /** When there are more messages than this, the oldest go until there are not. */
  messages: z.int().positive().optional(),
  /** Milliseconds between two looks. */
  everyMs: z.int().positive().default(60_000),
})
export type RetentionConfig = z.output<typeof RetentionConfig>

/** Messages removed at a time: few milliseconds, between which others write. */
const REMOVED_AT_ONCE = 500

/** Lets messages go by time, size and number, in small steps, and then the room that they took. */
export function retention(
  { seconds, bytes, messages, everyMs }: RetentionConfig,
  archive: Pick<Archive, 'prune'>,
  log: Logger,
  now: () => number,
): Service {
  let stopped = false
  let timer: ReturnType<typeof setInterval> | undefined

  const pruning = inBackground(async () => {
    let removed = 0
    try {
      const before = BigInt(now() - seconds * 1_000) * 1_000_000n
      const limits: PruneLimits = { before, bytes, messages }
      for (let more = true; more && !stopped; await pause()) {
        const step = await archive.prune(limits, REMOVED_AT_ONCE)
        removed += step.removed
        more = step.more
      }
    } catch (err) {
      if (!(err instanceof ArchiveError && err.code === 'CLOSED'))
        log.error({ err }, 'Failed to remove old messages')
    }
    if (removed > 0) log.debug({ removed }, 'Removed old messages')
  })

  return {
    start() {
      stopped = false
      timer = setInterval(() => pruning.run(undefined), everyMs).unref()
      pruning.run(undefined)
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      await pruning.idle()
    },
  }
}
