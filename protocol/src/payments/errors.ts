import { TeahouseError } from '../errors.ts'

export type PaymentErrorDetail =
  /** A number does not fit its field; both in the token's smallest unit, or plain numbers for an epoch. */
  | { readonly code: 'OUT_OF_RANGE'; readonly field: string; readonly value: bigint }
  /** Not 65 bytes r ‖ s ‖ v in the one form that the contract accepts. */
  | { readonly code: 'BAD_SIGNATURE' }
  | { readonly code: 'WRONG_SIGNER'; readonly signer: string; readonly expected: string }
  /** Times in unix seconds. */
  | { readonly code: 'OFFER_EXPIRED'; readonly validUntil: bigint; readonly now: bigint }

/** What is wrong with a voucher or an offer. */
export class PaymentError extends TeahouseError<PaymentErrorDetail> {}
