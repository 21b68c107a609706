import type { Logger } from 'pino'

/** What has been started, to be stopped in the opposite order. */
export interface Stopper {
  add(name: string, stop: () => Promise<unknown> | unknown): void
  /** Stops all, one after the other; a part that fails is logged and does not keep the others running. */
  stopAll(): Promise<void>
}

export function stopper(log: Logger): Stopper {
  const started: { name: string; stop: () => Promise<unknown> | unknown }[] = []
  return {
    add: (name, stop) => void started.push({ name, stop }),
    async stopAll() {
      for (let part = started.pop(); part; part = started.pop()) {
        try {
          await part.stop()
        } catch (err) {
          log.error({ err, part: part.name }, 'Failed to stop a part of the node')
        }
      }
    },
  }
}
