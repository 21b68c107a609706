import { TeahouseError } from '@teahouse/protocol/errors'

export class BackupError extends TeahouseError<
  | { readonly code: 'NOT_A_BACKUP' }
  /** Under another passphrase, or changed: the two can't be told apart. */
  | { readonly code: 'CANT_OPEN' }
  /** A file that the configuration names is not in the node's folder under a name that is backed up. */
  | { readonly code: 'INCOMPLETE'; readonly path: string }
  | { readonly code: 'NOT_EMPTY'; readonly path: string }
> {}
