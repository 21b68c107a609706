import { join } from 'node:path'
import type { Logger } from 'pino'
import { z } from 'zod'
import { archive, type Archive } from './archive.ts'
import { PostgresConfig } from './postgres/config.ts'
import { postgresEngine } from './postgres/engine.ts'
import { sqliteEngine } from './sqlite/engine.ts'

/** Where messages are kept: in a file of the data folder, or in a PostgreSQL database that node processes may share. */
export const DatabaseConfig = z.discriminatedUnion('engine', [
  z.strictObject({ engine: z.literal('sqlite') }),
  PostgresConfig,
])
export type DatabaseConfig = z.output<typeof DatabaseConfig>

export interface OpenArchiveDeps {
  /** Where the file of SQLite is. */
  readonly dataDir: string
  readonly log: Logger
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** Opens the archive that is configured, creating or migrating its tables. Throws StorageError and ArchiveError. */
export async function openArchive(
  database: DatabaseConfig,
  { dataDir, log, now = Date.now }: OpenArchiveDeps,
): Promise<Archive> {
  const engine =
    database.engine === 'postgres'
      ? await postgresEngine(database, log)
      : await sqliteEngine(join(dataDir, 'archive.sqlite'))
  return archive({ engine, log, now })
}
