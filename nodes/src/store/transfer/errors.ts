import { TeahouseError } from '@teahouse/protocol/errors'

export type TransferErrorDetail =
  | { readonly code: 'NOT_AN_EXPORT' }
  | { readonly code: 'UNKNOWN_VERSION'; readonly found: number }
  /** The file ends before its trailer. */
  | { readonly code: 'CUT_OFF'; readonly at: number }
  /** What is at this byte can't be, or the trailer is not that of what stands before it. */
  | { readonly code: 'DAMAGED'; readonly at: number }
  /** A message in the archive is not what its key says. */
  | { readonly code: 'WRONG_HASH'; readonly hash: string }

/** An export or an archive is not what it should be. */
export class TransferError extends TeahouseError<TransferErrorDetail> {}
