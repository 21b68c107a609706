import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { StorageError } from '../storage/store.ts'

const RETRY_MS = 5

/**
 * Runs one task at a time among all processes that name the same lock file. SQLite takes the operating
 * system's file lock, which is released when its holder ends, however it ends.
 * @throws StorageError LOCKED if another holder keeps it longer than `waitMs`; UNAVAILABLE if it can't be opened.
 */
export function processLock(path: string, waitMs: number): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const result = last.then(() => exclusively(path, waitMs, task))
    last = result.catch(() => undefined)
    return result
  }
}

/** Takes a lock until the result is called, or the process ends. Throws StorageError LOCKED, UNAVAILABLE. */
export async function holdLock(path: string, waitMs: number): Promise<() => void> {
  const database = openLock(path)
  try {
    await take(database, waitMs)
  } catch (error) {
    database.close()
    throw error
  }
  return () => database.close()
}

async function exclusively<T>(path: string, waitMs: number, task: () => Promise<T>): Promise<T> {
  const database = openLock(path)
  try {
    await take(database, waitMs)
    return await task()
  } finally {
    database.close()
  }
}

function openLock(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 })
  } catch (cause) {
    throw new StorageError(`Can't open the lock ${path}`, { code: 'UNAVAILABLE', path }, { cause })
  }
}

async function take(database: DatabaseSync, waitMs: number): Promise<void> {
  for (let waited = 0; ; waited += RETRY_MS) {
    try {
      database.exec('BEGIN EXCLUSIVE')
      return
    } catch (cause) {
      const { errcode } = cause as { errcode?: number }
      const busy = errcode === 5 || errcode === 261
      if (!busy || waited >= waitMs) {
        throw new StorageError(
          'Another process holds this account',
          { code: 'LOCKED', waitedMs: waited },
          { cause },
        )
      }
      await sleep(RETRY_MS)
    }
  }
}
