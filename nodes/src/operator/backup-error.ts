import { TeahouseError } from '@teahouse/protocol/errors'

export class BackupError extends TeahouseError<
  | { readonly code: 'NOT_A_BACKUP' }
  /** Under another passphrase, or changed: the two can't be told apart. */
  | { readonly code: 'CANT_OPEN' }
  | { readonly code: 'NOT_EMPTY'; readonly path: string }
> {}
