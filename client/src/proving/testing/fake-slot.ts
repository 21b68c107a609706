import type { Slot } from '@teahouse/protocol/rln'
import type { KeyValueStore } from '../../storage/store.ts'
import type { StoredSlot } from '../slot-store.ts'

const bytes = (length: number) => crypto.getRandomValues(new Uint8Array(length))

/** A slot of random bytes: enough for a store, which never looks inside. */
export function fakeSlot({ epoch = 7n, messageId = 0, root = 5n, run = 'test' } = {}): StoredSlot {
  const slot: Slot = {
    ...{ a0: bytes(64), ax: bytes(64), b0: bytes(128), bx: bytes(128) },
    ...{ c0: bytes(64), cx: bytes(64), cxx: bytes(64) },
    ...{ y0: 1n, slope: 2n, root, nullifier: 3n, externalNullifier: 4n },
  }
  return { epoch, messageId, root, run, slot }
}

/** The end of a process, as its store sees it. */
export class Crash extends Error {}

/**
 * A store whose process ends at write number `at`: just before it takes effect or just after. Whoever waits for it then, never
 * hears of it.
 */
export function crashingStore(store: KeyValueStore, at: number, when: 'before' | 'after'): KeyValueStore {
  let writes = 0
  const write =
    <A extends unknown[], T>(act: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      const now = writes++
      if (now > at || (now === at && when === 'before')) throw new Crash()
      const result = await act(...args)
      if (now === at) throw new Crash()
      return result
    }
  return { ...store, set: write(store.set), delete: write(store.delete), update: write(store.update) }
}
