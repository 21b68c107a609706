import type { KeyValueStore, Stored } from '../storage/store.ts'
import { committed, openTable, settled } from './database.ts'

const TABLE = 'values'

/**
 * A store in IndexedDB. Each write is one transaction that waits for the disk (durability `strict`); transactions of all
 * tabs and workers of an origin take turns, so `update` is atomic between them.
 *
 * A browser gives no way to tell a restored profile from the one that wrote it, so every value counts as native.
 * @throws StorageError UNAVAILABLE; DOMException QuotaExceededError from writes.
 */
export async function indexedDbStore(database: string): Promise<KeyValueStore> {
  const db = await openTable(database, TABLE)
  const storedOf = (value: unknown): Stored | undefined =>
    typeof value === 'string' ? { value, native: true } : undefined

  async function write(act: (table: IDBObjectStore) => void): Promise<void> {
    const transaction = db.transaction(TABLE, 'readwrite', { durability: 'strict' })
    const done = committed(transaction)
    act(transaction.objectStore(TABLE))
    await done
  }
  const table = () => db.transaction(TABLE, 'readonly').objectStore(TABLE)

  return {
    get: async (key) => storedOf(await settled(table().get(key))),
    set: (key, value) => write((values) => void values.put(value, key)),
    async delete(key) {
      let old: Stored | undefined
      await write((values) => {
        const reading = values.get(key)
        reading.onsuccess = () => {
          old = storedOf(reading.result)
          values.delete(key)
        }
      })
      return old
    },
    async keys(prefix) {
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`)
      return (await settled(table().getAllKeys(range))).filter((key) => typeof key === 'string').sort()
    },
    async update(key, change) {
      let next = ''
      let thrown: { error: unknown } | undefined
      const written = write((values) => {
        const reading = values.get(key)
        reading.onsuccess = () => {
          try {
            next = change(storedOf(reading.result))
            values.put(next, key)
          } catch (error) {
            thrown = { error }
            values.transaction.abort()
          }
        }
      })
      await written.catch((error: unknown) => {
        throw thrown ? thrown.error : error
      })
      return next
    },
  }
}
