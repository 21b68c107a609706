/** Holds messages whose root is not known yet until the next blocks bring it. */
export interface RootWaiter {
  /** True as soon as `settled` is, asked again at every block; false after the allowed blocks or time, or when too many wait. */
  waitUntil(settled: () => boolean): Promise<boolean>
  /** Tells of a block whose changes have been applied. */
  blockApplied(): void
  /** Lets all that wait go, with false. */
  stop(): void
}

export interface RootWaiterConfig {
  readonly rootWaitBlocks: number
  readonly rootWaitMs: number
  readonly rootWaiters: number
}

interface Waiter {
  readonly settled: () => boolean
  readonly finish: (found: boolean) => void
  blocksLeft: number
}

export function rootWaiter({ rootWaitBlocks, rootWaitMs, rootWaiters }: RootWaiterConfig): RootWaiter {
  const waiting = new Set<Waiter>()
  let stopped = false

  return {
    waitUntil(settled) {
      if (settled()) return Promise.resolve(true)
      if (stopped || rootWaitBlocks === 0 || waiting.size >= rootWaiters) return Promise.resolve(false)
      return new Promise((resolve) => {
        const finish = (found: boolean) => {
          clearTimeout(timer)
          waiting.delete(waiter)
          resolve(found)
        }
        const timer = setTimeout(() => finish(settled()), rootWaitMs)
        const waiter: Waiter = { settled, finish, blocksLeft: rootWaitBlocks }
        waiting.add(waiter)
      })
    },
    blockApplied() {
      for (const waiter of [...waiting]) {
        waiter.blocksLeft--
        if (waiter.settled()) waiter.finish(true)
        else if (waiter.blocksLeft <= 0) waiter.finish(false)
      }
    },
    stop() {
      stopped = true
      for (const waiter of [...waiting]) waiter.finish(false)
    },
  }
}
