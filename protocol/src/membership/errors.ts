import { TeahouseError } from '../errors.ts'

export type RelayedCallErrorDetail =
  /** A value is not an unsigned number of the bits that its EIP-712 type has. */
  { readonly code: 'OUT_OF_RANGE'; readonly field: string; readonly value: bigint }

/** What is wrong with a call that somebody signs for others to submit. */
export class RelayedCallError extends TeahouseError<RelayedCallErrorDetail> {}
