import { TeahouseError } from '../errors.ts'

export type ReceiptErrorDetail =
  /** A number does not fit its field. */
  | { readonly code: 'OUT_OF_RANGE'; readonly field: string; readonly value: bigint }
  /** Not 65 bytes r ‖ s ‖ v in the one form that the contract accepts. */
  | { readonly code: 'BAD_SIGNATURE' }
  /** There is no leaf of this number. */
  | { readonly code: 'NO_SUCH_LEAF'; readonly index: number; readonly count: number }
  /** A tree over nothing, or with an entry that is no hash of 32 bytes. */
  | { readonly code: 'BAD_LEAVES' }
  /** The hash is one of the archive's, so nothing can show that it is missing. */
  | { readonly code: 'NOT_ABSENT'; readonly hash: string }
  /** A node's answer about an hour of its archive that is not to the question, or not true. */
  | { readonly code: 'BAD_ANSWER'; readonly what: string }
  /** A node said no; `status` is the protocol's own (docs/wire/root.md). */
  | { readonly code: 'REFUSED'; readonly status: number; readonly description: string }

/** What is wrong with a receipt or a root, or with what was asked of a tree. */
export class ReceiptError extends TeahouseError<ReceiptErrorDetail> {}

/** Throws ReceiptError OUT_OF_RANGE unless `value` is an unsigned number of at most `bits` bits. */
export function checkRange(field: string, value: bigint, bits: number): void {
  if (value >= 0n && value < 1n << BigInt(bits)) return
  throw new ReceiptError(`${field} does not fit ${bits} bits`, { code: 'OUT_OF_RANGE', field, value })
}
