import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'

/** What has been started, to be stopped in the opposite order. */
export interface Stopper {
  add(name: string, stop: () => unknown): void
  /** Stops all, one after the other; a part that fails or takes too long is logged and does not keep the others. */
  stopAll(): Promise<void>
}

/** Milliseconds that one part has. What is under way then is on disk, or is tried again after the next start. */
const PATIENCE_MS = 8_000

export function stopper(log: Logger, patienceMs = PATIENCE_MS): Stopper {
  const started: { name: string; stop: () => unknown }[] = []

  async function stopInTime(stop: () => unknown): Promise<boolean> {
    const patience = new AbortController()
    const late = sleep(patienceMs, 'late', { signal: patience.signal }).catch(() => 'in time')
    try {
      return (await Promise.race([Promise.resolve(stop()).then(() => 'in time'), late])) === 'in time'
    } finally {
      patience.abort()
    }
  }

  return {
    add: (name, stop) => void started.push({ name, stop }),
    async stopAll() {
      for (let part = started.pop(); part; part = started.pop()) {
        try {
          if (!(await stopInTime(part.stop)))
            log.warn({ part: part.name }, 'Left a part of the node that takes long to stop')
        } catch (err) {
          log.error({ err, part: part.name }, 'Failed to stop a part of the node')
        }
      }
    },
  }
}
