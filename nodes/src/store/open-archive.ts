import { join } from 'node:path'
import type { Logger } from 'pino'
import { z } from 'zod'
import { archive, type Archive } from './archive.ts'
import type { ArchiveEngine } from './engine.ts'
import { PostgresConfig } from './postgres/config.ts'
import { postgresEngine } from './postgres/engine.ts'
import { sqliteEngine } from './sqlite/engine.ts'

/** Where messages are kept: in a file of the data folder, or in a PostgreSQL database that node processes may share. */
export const DatabaseConfig = z.discriminatedUnion('engine', [
  z.strictObject({ engine: z.literal('sqlite') }),
  PostgresConfig,
])
export type DatabaseConfig = z.output<typeof DatabaseConfig>

export interface OpenEngineDeps {
  /** Where the file of SQLite is. */
  readonly dataDir: string
  readonly log: Logger
}

export interface OpenArchiveDeps extends OpenEngineDeps {
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** Opens the database that is configured, creating or migrating its tables. Throws StorageError and ArchiveError. */
export function openEngine(
  database: DatabaseConfig,
  { dataDir, log }: OpenEngineDeps,
): Promise<ArchiveEngine> {
  return database.engine === 'postgres'
    ? postgresEngine(database, log)
    : sqliteEngine(join(dataDir, 'archive.sqlite'), log)
}

/** The archive over the database that is configured. Throws as {@link openEngine}. */
export async function openArchive(
  database: DatabaseConfig,
  { dataDir, log, now = Date.now }: OpenArchiveDeps,
): Promise<Archive> {
  return archive({ engine: await openEngine(database, { dataDir, log }), log, now })
}
