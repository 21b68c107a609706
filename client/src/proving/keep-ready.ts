import type { Slots } from './slots.ts'
import { sleep } from '../sleep.ts'

/** How often to look whether slots were used, or died with their epoch or root. */
const LOOK_MS = 3_000
/** What can't be had, by an account without a membership or one that has used up the epoch, is asked for less and less often. */
const LONGEST_MS = 60_000

/** Prepares slots whenever some are missing. Failures wait for the next look: slots are a convenience. */
export function keepReady(slots: Pick<Slots, 'prepare'>) {
  const stopping = new AbortController()
  let running: Promise<void> | undefined
  let wanted = 0

  async function run(): Promise<void> {
    let pause = LOOK_MS
    while (!stopping.signal.aborted) {
      const options = { slots: wanted, signal: stopping.signal }
      const found = wanted > 0 ? await slots.prepare(options).catch(() => undefined) : undefined
      const isWell = wanted === 0 || (found && found.ready >= options.slots)
      pause = isWell ? LOOK_MS : Math.min(2 * pause, LONGEST_MS)
      await sleep(pause, stopping.signal)
    }
  }

  return {
    /** From now on, so many slots are to be ready; 0 ends it. */
    keep(count: number): void {
      wanted = count
      if (count > 0) running ??= run()
    },
    /** Cancels what is being made. */
    async stop(): Promise<void> {
      stopping.abort()
      await running
    },
  }
}
