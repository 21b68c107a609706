import { TeahouseError } from '@teahouse/protocol/errors'

/** Nothing was restored. */
export class BackupError extends TeahouseError<
  | { readonly code: 'NOT_A_BACKUP' }
  | { readonly code: 'NEWER_BACKUP'; readonly version: number }
  | { readonly code: 'NEEDS_PASSPHRASE' }
  /** Of another account or persona, under another passphrase, or changed: these can't be told apart. */
  | { readonly code: 'CANT_OPEN' }
  | { readonly code: 'BAD_SECTION'; readonly section: string }
  /** A newer release made this section: it reads versions up to `newest` here. */
  | {
      readonly code: 'NEWER_SECTION'
      readonly section: string
      readonly version: number
      readonly newest: number
    }
  /** Of messages to nodes: only half of an epoch's may go into backups. */
  | { readonly code: 'NO_MESSAGES'; readonly parts: number; readonly left: number; readonly limit: number }
  | { readonly code: 'CHAT_IS_OPEN' }
  | { readonly code: 'TOO_LARGE'; readonly bytes: number; readonly most: number }
> {}
