import { TeahouseError } from '@teahouse/protocol/errors'

/** Why a proof buys no quota. */
export type QuotaRefusal =
  | { readonly code: 'MALFORMED' | 'INVALID_PROOF' | 'REVEALED_SECRET' }
  | { readonly code: 'WRONG_DAY'; readonly day: number }
  | { readonly code: 'OVER_LIMIT'; readonly messageId: number; readonly limit: number }
  /** Also what a member of another home, or one that has left, looks like. */
  | { readonly code: 'UNKNOWN_ROOT'; readonly status: string }
  | { readonly code: 'MEMBERS_UNKNOWN' | 'OVERLOADED' }

/** A proof that counts for nothing. */
export class QuotaError extends TeahouseError<QuotaRefusal> {}
