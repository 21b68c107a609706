import { StorageError } from '../storage/store.ts'

/** A database with one table of values under text keys. Throws StorageError UNAVAILABLE, for one where storage is forbidden. */
export async function openTable(database: string, table: string): Promise<IDBDatabase> {
  try {
    const opening = indexedDB.open(database, 1)
    opening.onupgradeneeded = () => void opening.result.createObjectStore(table)
    return await settled(opening)
  } catch (cause) {
    const message = `The browser's database ${database} can't be opened`
    throw new StorageError(message, { code: 'UNAVAILABLE', path: database }, { cause })
  }
}

const failure = (error: DOMException | null): Error =>
  error ?? new DOMException('The transaction was aborted', 'AbortError')

/** The result of a request. */
export function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(failure(request.error))
  })
}

/** The end of a transaction, once it is on disk. */
export function committed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(failure(transaction.error))
  })
}
