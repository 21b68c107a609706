import { parentPort, workerData } from 'node:worker_threads'
import { DatabaseSync } from 'node:sqlite'
import { openDatabase } from '../../storage/index.ts'
import { asPlain, type Answer, type Call, type ThreadData } from './call.ts'
import { ARCHIVE_MIGRATIONS, sqliteTables, type SqliteTables } from './tables.ts'

// The program of a thread that thread-handle.ts starts: one connection to the database, one call after the other.
const { path, readOnly } = workerData as ThreadData

/** Memory for pages: hashes are spread over their whole index, so that each insert touches another page of it. */
const CACHE_KIB = 32 * 1024
/** Pages that the write-ahead log gathers before they are written to their places, 64 MiB: fewer syncs, and each page once. */
const CHECKPOINT_PAGES = 16 * 1024

function open(): { db: DatabaseSync; tables: SqliteTables } {
  const db = readOnly
    ? new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
    : openDatabase(path, ARCHIVE_MIGRATIONS, { shared: true, shrinks: true })
  db.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  return { db, tables: sqliteTables(db) }
}

const answer = (message: Answer) => parentPort?.postMessage(message)

try {
  const { db, tables } = open()
  parentPort?.on('message', ({ id, method, args }: Call) => {
    try {
      if (method === 'close') {
        db.close()
        answer({ id, result: undefined })
        parentPort?.close()
        return
      }
      const run = tables[method] as (...args: readonly unknown[]) => unknown
      answer({ id, result: run(...args) })
    } catch (error) {
      answer({ id, error: asPlain(error) })
    }
  })
  answer({ id: 0, result: undefined })
} catch (error) {
  answer({ id: 0, error: asPlain(error) })
}
