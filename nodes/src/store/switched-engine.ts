import type { ArchiveEngine } from './engine.ts'
import { recentEngine } from './recent-engine.ts'

/** An engine that another one can take the place of while it is used. */
export interface SwitchedEngine extends ArchiveEngine {
  /** Whether there is a database, or only what is remembered in memory. */
  readonly isAttached: boolean
  /** Uses a database from now on, if none is used yet. Throws what `open` throws, and then nothing has changed. */
  attach(open: () => Promise<ArchiveEngine>): Promise<void>
  /** Uses none from now on; resolves when the database has done what was under way, and is closed. It stays where it is. */
  detach(): Promise<void>
}

/** Remembers only the newest messages until a database is attached. */
export function switchedEngine(): SwitchedEngine {
  let current = recentEngine()
  let isAttached = false
  const underWay = new Map<ArchiveEngine, Set<Promise<unknown>>>()

  async function run<T>(work: (engine: ArchiveEngine) => Promise<T>): Promise<T> {
    const engine = current
    const calls = underWay.get(engine) ?? new Set()
    underWay.set(engine, calls)
    const result = work(engine)
    calls.add(result)
    try {
      return await result
    } finally {
      calls.delete(result)
    }
  }

  async function replaceBy(next: ArchiveEngine): Promise<void> {
    const before = current
    current = next
    await Promise.allSettled([...(underWay.get(before) ?? [])])
    underWay.delete(before)
    await before.close()
  }

  return {
    get isAttached() {
      return isAttached
    },
    async attach(open) {
      if (isAttached) return
      const engine = await open()
      isAttached = true
      await replaceBy(engine)
    },
    async detach() {
      if (!isAttached) return
      isAttached = false
      await replaceBy(recentEngine())
    },
    insert: (rows) => run((engine) => engine.insert(rows)),
    has: (hash) => run((engine) => engine.has(hash)),
    get: (hash) => run((engine) => engine.get(hash)),
    page: (criteria, request) => run((engine) => engine.page(criteria, request)),
    keys: (range) => run((engine) => engine.keys(range)),
    scan: (range, maxBytes) => run((engine) => engine.scan(range, maxBytes)),
    remove: (hashes) => run((engine) => engine.remove(hashes)),
    totals: () => run((engine) => engine.totals()),
    prune: (limits, limit) => run((engine) => engine.prune(limits, limit)),
    async close() {
      await Promise.allSettled([...(underWay.get(current) ?? [])])
      await current.close()
    },
  }
}
