import { TeahouseError } from '@teahouse/protocol/errors'

/** Why a voucher was not taken. Amounts in the token's smallest unit. */
export type VoucherRefusal =
  | { readonly code: 'MALFORMED'; readonly field: string }
  | { readonly code: 'WRONG_PAYEE'; readonly payee: string; readonly expected: string }
  | { readonly code: 'CHANNEL_CLOSED' }
  | { readonly code: 'CLOSE_PENDING'; readonly thawingUntil: number }
  | { readonly code: 'WRONG_EPOCH'; readonly epoch: bigint; readonly current: bigint }
  /** Also what a voucher for another chain or contract looks like: its digest is another one. */
  | { readonly code: 'WRONG_SIGNER'; readonly signer: string; readonly expected: string }
  | { readonly code: 'OVER_ALLOCATION'; readonly cumulative: bigint; readonly allocated: bigint }
  | { readonly code: 'NOT_INCREASING'; readonly cumulative: bigint; readonly booked: bigint }
  | { readonly code: 'CHAIN_UNAVAILABLE' }

/** A voucher that does not count. */
export class VoucherError extends TeahouseError<VoucherRefusal> {}
