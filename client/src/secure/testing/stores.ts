import { memoryStore, type KeyValueStore } from '../../storage/store.ts'

/** What a process meets when its disk fails or it is killed. */
export class Crash extends Error {}

/** A store of which copies can be taken and put back, and that fails at a chosen write. */
export interface FragileStore extends KeyValueStore {
  /** Fails at the write of this number, counted from now, before or after it has happened. */
  crashAt(write: number, when: 'before' | 'after'): void
  /** What it holds. */
  snapshot(): Promise<ReadonlyMap<string, string>>
  /** Puts back what it held, as whoever restores a disk does. */
  restore(snapshot: ReadonlyMap<string, string>): Promise<void>
  /** From now on, says of everything that it was written elsewhere. */
  copied: boolean
}

export function fragileStore(): FragileStore {
  const inner = memoryStore()
  let left = Infinity
  let moment: 'before' | 'after' = 'before'

  async function write<T>(task: () => Promise<T>): Promise<T> {
    const crashes = --left === 0
    if (crashes && moment === 'before') throw new Crash('before the write')
    const result = await task()
    if (crashes) throw new Crash('after the write')
    return result
  }
  const store: FragileStore = {
    copied: false,
    get: async (key) => {
      const stored = await inner.get(key)
      return stored && { ...stored, native: !store.copied }
    },
    set: (key, value) => write(() => inner.set(key, value)),
    delete: (key) => write(() => inner.delete(key)),
    keys: inner.keys,
    update: (key, change) => write(() => inner.update(key, change)),
    crashAt(count, when) {
      left = count
      moment = when
    },
    async snapshot() {
      const values = new Map<string, string>()
      for (const key of await inner.keys('')) values.set(key, (await inner.get(key))!.value)
      return values
    },
    async restore(snapshot) {
      for (const key of await inner.keys('')) await inner.delete(key)
      for (const [key, value] of snapshot) await inner.set(key, value)
    },
  }
  return store
}
