import type { Logger } from 'pino'
import { archive, type Archive } from './archive.ts'
import { sqliteEngine } from './sqlite/engine.ts'

export interface OpenArchiveDeps {
  /** Where the file of SQLite is. */
  readonly path: string
  readonly log: Logger
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** Opens the archive that is configured, creating or migrating its tables. Throws StorageError. */
export async function openArchive({ path, log, now = Date.now }: OpenArchiveDeps): Promise<Archive> {
  return archive({ engine: await sqliteEngine(path), log, now })
}
