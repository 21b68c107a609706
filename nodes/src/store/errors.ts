import { TeahouseError } from '@teahouse/protocol/errors'

export type ArchiveErrorDetail =
  /** More messages wait to be written than may; nothing was done with this one. */
  | { readonly code: 'OVERLOADED'; readonly waiting: number }
  /** The database did not do what it was asked; `cause` says why. A write may have happened or not: try again. */
  | { readonly code: 'UNAVAILABLE' }
  /** The archive is closing or closed. */
  | { readonly code: 'CLOSED' }

/** The archive cannot keep or read messages now. A message whose `put` failed must not be acknowledged. */
export class ArchiveError extends TeahouseError<ArchiveErrorDetail> {}

export type EngineErrorDetail =
  /** What SQLite said; result codes: https://sqlite.org/rescode.html. */
  { readonly code: 'SQLITE'; readonly errcode: number | undefined } | { readonly code: 'THREAD_ENDED' }

/** A database did not do what it was asked; an archive makes ArchiveError UNAVAILABLE of it. */
export class EngineError extends TeahouseError<EngineErrorDetail> {}

export function unavailable(cause: unknown): ArchiveError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new ArchiveError(`The archive's database failed: ${reason}`, { code: 'UNAVAILABLE' }, { cause })
}

export function closed(): ArchiveError {
  return new ArchiveError('The archive is closed', { code: 'CLOSED' })
}
