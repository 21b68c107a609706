import { TeahouseError } from '@teahouse/protocol/errors'

export type ArchiveErrorDetail =
  /** More messages wait to be written than may; nothing was done with this one. */
  | { readonly code: 'OVERLOADED'; readonly waiting: number }
  /** The database did not do what it was asked; `cause` says why. A write may have happened or not: try again. */
  | { readonly code: 'UNAVAILABLE' }
  /** The budget of the disk, or the disk itself, is used up: nothing was written. */
  | { readonly code: 'DISK_FULL' }
  /** The archive is closing or closed. */
  | { readonly code: 'CLOSED' }
  /** PostgreSQL gives no answer, when it is opened. `where` is its host and database. */
  | { readonly code: 'DATABASE_AWAY'; readonly where: string }
  /** PostgreSQL does not let this user in, or has no such database. */
  | { readonly code: 'DATABASE_REFUSED'; readonly where: string }
  /** PostgreSQL is older than the archive needs. */
  | { readonly code: 'TOO_OLD'; readonly found: string }
  /** The tables are of a newer version of Teahouse. */
  | { readonly code: 'TOO_NEW'; readonly found: number; readonly known: number }

/** The archive cannot keep or read messages now. A message whose `put` failed must not be acknowledged. */
export class ArchiveError extends TeahouseError<ArchiveErrorDetail> {}

export type EngineErrorDetail =
  /** What SQLite said; result codes: https://sqlite.org/rescode.html. */
  | { readonly code: 'SQLITE'; readonly errcode: number | undefined }
  | { readonly code: 'THREAD_ENDED' }
  /** The node has no archive in its present profile. */
  | { readonly code: 'NOT_KEPT' }
  | { readonly code: 'TOO_MANY_PARTITIONS' }

/** A database did not do what it was asked; an archive makes ArchiveError UNAVAILABLE of it. */
export class EngineError extends TeahouseError<EngineErrorDetail> {}

export function unavailable(cause: unknown): ArchiveError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new ArchiveError(`The archive's database failed: ${reason}`, { code: 'UNAVAILABLE' }, { cause })
}

export function diskFull(cause?: unknown): ArchiveError {
  const options = cause === undefined ? {} : { cause }
  return new ArchiveError('There is no room on the disk for more messages', { code: 'DISK_FULL' }, options)
}

export function closed(): ArchiveError {
  return new ArchiveError('The archive is closed', { code: 'CLOSED' })
}
