import { TeahouseError } from '@teahouse/protocol/errors'

export class StorageError extends TeahouseError<
  | { readonly code: 'CORRUPT'; readonly key: string }
  | { readonly code: 'LOCKED'; readonly waitedMs: number }
  | { readonly code: 'UNAVAILABLE'; readonly path: string }
  | { readonly code: 'NO_FOLDER'; readonly prefix: string }
> {}

/** What a store holds under a key. */
export interface Stored {
  readonly value: string
  /** False if the value was not written here by this store: it was copied, restored or rolled back. */
  readonly native: boolean
}

/**
 * The little durable memory that a client needs: its message counter, its vouchers, what waits to be sent.
 * Keys are short ASCII; values are text. Every promise of a write resolves only once the write would
 * survive a crash of the machine.
 */
export interface KeyValueStore {
  get(key: string): Promise<Stored | undefined>
  set(key: string, value: string): Promise<void>
  /**
   * Returns what was there, to one of all callers only, other processes included; once this resolves, no crash brings it
   * back. A damaged value counts as an empty one.
   */
  delete(key: string): Promise<Stored | undefined>
  /** Keys that start with `prefix`, sorted. */
  keys(prefix: string): Promise<string[]>
  /**
   * Reads and replaces in one step that no other user of the store can interleave, other processes included.
   * `change` may throw: then nothing is written. Returns what was written.
   */
  update(key: string, change: (old: Stored | undefined) => string): Promise<string>
}

/** A store that forgets everything when the process ends: for tests, and for pages that opt out of storage. */
export function memoryStore(): KeyValueStore {
  const values = new Map<string, string>()
  const read = (key: string): Stored | undefined => {
    const value = values.get(key)
    return value === undefined ? undefined : { value, native: true }
  }
  return {
    get: async (key) => read(key),
    set: async (key, value) => void values.set(key, value),
    async delete(key) {
      const old = read(key)
      values.delete(key)
      return old
    },
    keys: async (prefix) => [...values.keys()].filter((key) => key.startsWith(prefix)).sort(),
    update: async (key, change) => {
      const next = change(read(key))
      values.set(key, next)
      return next
    },
  }
}
