import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase } from '../storage/index.ts'
import {
  openArchive as openWhole,
  type Archive,
  type DatabaseConfig,
  type OpenArchiveDeps,
} from '../store/index.ts'
import { forgettingArchive } from './archive.ts'
import { FORGOTTEN_MIGRATIONS, forgottenBook } from './book.ts'

/**
 * The archive of a data folder, for who is not its node: without what the operator has forgotten, which an import does not bring back. Throws StorageError and
 * ArchiveError.
 */
export async function openArchive(database: DatabaseConfig, deps: OpenArchiveDeps): Promise<Archive> {
  const archive = await openWhole(database, deps)
  const path = join(deps.dataDir, 'forgotten.sqlite')
  if (deps.dataDir === '' || !existsSync(path)) return archive
  try {
    const db = openDatabase(path, FORGOTTEN_MIGRATIONS, { shared: true })
    const book = forgottenBook(db)
    const close = async () => {
      await archive.close()
      db.close()
    }
    return {
      ...forgettingArchive(archive, {
        isNone: () => book.count === 0,
        isForgotten: book.has,
        keys: book.keys,
      }),
      close,
    }
  } catch (error) {
    await archive.close()
    throw error
  }
}
