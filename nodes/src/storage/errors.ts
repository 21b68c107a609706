import { TeahouseError } from '@teahouse/protocol/errors'

export type StorageErrorDetail =
  | { readonly code: 'CORRUPT'; readonly path: string; readonly problem: string }
  | { readonly code: 'LOCKED'; readonly path: string }
  | { readonly code: 'TOO_NEW'; readonly path: string; readonly found: number; readonly known: number }
  | { readonly code: 'UNREADABLE'; readonly path: string }

/** A database of the node cannot be used; the message says what to do. */
export class StorageError extends TeahouseError<StorageErrorDetail> {}
