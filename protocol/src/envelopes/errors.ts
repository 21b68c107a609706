import { TeahouseError } from '../errors.ts'

export type EnvelopeErrorDetail =
  /** A number does not fit its field, or the contract would refuse it; amounts in the token's smallest unit. */
  | { readonly code: 'OUT_OF_RANGE'; readonly field: string; readonly value: bigint }
  | { readonly code: 'BAD_SECRET'; readonly length: number }
  | { readonly code: 'NO_SUCH_SHARE'; readonly index: number; readonly shares: number }
  | { readonly code: 'NOT_A_MEMBER'; readonly commitment: bigint }

/** What is wrong with an envelope, its shares, or a claim. */
export class EnvelopeError extends TeahouseError<EnvelopeErrorDetail> {}

/** Throws EnvelopeError OUT_OF_RANGE unless `low` <= `value` <= `high`. */
export function checkBetween(field: string, value: bigint, low: bigint, high: bigint): bigint {
  if (value >= low && value <= high) return value
  throw new EnvelopeError(`${field} is not between ${low} and ${high}`, {
    code: 'OUT_OF_RANGE',
    field,
    value,
  })
}
