import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StorageError } from './errors.ts'

/** Databases up to this size, in bytes, are checked whole when they are opened. */
const MAX_CHECKED_BYTES = 64 * 1024 * 1024

/** SQLite's primary result codes, https://sqlite.org/rescode.html. */
const SQLITE = { BUSY: 5, LOCKED: 6, CORRUPT: 11, NOTADB: 26 }

export interface OpenOptions {
  /** Lets other connections read and write too, of this process or another. */
  readonly shared?: boolean
  /** Lets a new file give pages back to the disk, by `PRAGMA incremental_vacuum`. */
  readonly shrinks?: boolean
}

/** Milliseconds that a connection to a shared database waits for another one to commit. */
const BUSY_MS = 5_000

/**
 * Opens the SQLite database at `path` (or `:memory:`), creating it and its folder, and brings it to the newest of
 * `migrations` (SQL, one version an element; never edit one that was released). A commit is on disk when it returns
 * (WAL, synchronous FULL). One process at a time unless it is `shared`. Throws StorageError.
 */
export function openDatabase(
  path: string,
  migrations: readonly string[],
  { shared = false, shrinks = false }: OpenOptions = {},
): DatabaseSync {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { timeout: shared ? BUSY_MS : 0 })
    // Of no effect but on an empty file, before anything is written.
    if (shrinks) db.exec('PRAGMA auto_vacuum = INCREMENTAL')
    if (!shared) db.exec('PRAGMA locking_mode = EXCLUSIVE')
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    db.exec('PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF')
    check(db, path)
    migrate(db, path, migrations)
    return db
  } catch (error) {
    db?.close()
    throw error instanceof StorageError ? error : openError(path, error)
  }
}

function check(db: DatabaseSync, path: string): void {
  if (path !== ':memory:' && statSync(path).size > MAX_CHECKED_BYTES) return
  const { quick_check: problem } = db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string }
  if (problem !== 'ok') throw corrupt(path, problem)
}

function migrate(db: DatabaseSync, path: string, migrations: readonly string[]): void {
  const { user_version: found } = db.prepare('PRAGMA user_version').get() as { user_version: number }
  if (found > migrations.length) {
    throw new StorageError(
      `${path} was written by a newer version of Teahouse; use that version, or move the file away to start afresh`,
      { code: 'TOO_NEW', path, found, known: migrations.length },
    )
  }
  for (const [version, sql] of migrations.entries()) {
    if (version < found) continue
    db.exec(`BEGIN EXCLUSIVE; ${sql}; PRAGMA user_version = ${version + 1}; COMMIT`)
  }
}

function openError(path: string, cause: unknown): StorageError {
  const code = (cause as { errcode?: number }).errcode ?? 0
  const problem = cause instanceof Error ? cause.message : String(cause)
  const primary = code & 0xff
  if (primary === SQLITE.CORRUPT || primary === SQLITE.NOTADB) return corrupt(path, problem, cause)
  if (primary === SQLITE.BUSY || primary === SQLITE.LOCKED) {
    return new StorageError(`${path} is in use by another process`, { code: 'LOCKED', path }, { cause })
  }
  return new StorageError(`${path} cannot be opened: ${problem}`, { code: 'UNREADABLE', path }, { cause })
}

function corrupt(path: string, problem: string, cause?: unknown): StorageError {
  return new StorageError(
    `${path} is damaged (${problem}). Move it and its -wal file away, or put back a copy, and start again; ` +
      'what only this file held is lost',
    { code: 'CORRUPT', path, problem },
    { cause },
  )
}
