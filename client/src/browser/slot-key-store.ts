import { committed, openTable, settled } from './database.ts'

const TABLE = 'keys'
const NAME = 'slots'

/**
 * The key that seals slots on this device: made once, kept in a database of its own as a CryptoKey whose bytes no script can
 * read. Slots that are sealed with it are worthless wherever else they get to. Throws StorageError UNAVAILABLE.
 */
export async function slotKeyInIndexedDb(database: string): Promise<CryptoKey> {
  const db = await openTable(database, TABLE)
  try {
    const algorithm = { name: 'AES-GCM', length: 256 }
    const fresh = await crypto.subtle.generateKey(algorithm, false, ['encrypt', 'decrypt'])
    const transaction = db.transaction(TABLE, 'readwrite', { durability: 'strict' })
    const done = committed(transaction)
    const keys = transaction.objectStore(TABLE)
    // Two tabs may come here at once: the first to write decides.
    const reading = keys.get(NAME)
    reading.onsuccess = () => void (reading.result ?? keys.put(fresh, NAME))
    await done
    return (await settled(db.transaction(TABLE).objectStore(TABLE).get(NAME))) as CryptoKey
  } finally {
    db.close()
  }
}
