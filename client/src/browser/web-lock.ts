import { StorageError } from '../storage/store.ts'

/**
 * Takes a lock among all tabs and workers of this origin (Web Locks), until the result is called or the page is gone. Waits for
 * nobody. Throws StorageError LOCKED.
 */
export function holdWebLock(name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const held = navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (lock) return new Promise<void>((release) => resolve(release))
      reject(new StorageError('Another tab has this chat open', { code: 'LOCKED', waitedMs: 0 }))
      return undefined
    })
    held.catch(reject)
  })
}
