import { TeahouseError } from '@teahouse/protocol/errors'

export class CourtError extends TeahouseError<
  /** A receipt that promises nothing, or not what was asked for. */
  | { readonly code: 'BAD_RECEIPT'; readonly why: string }
  /** A text or a stored value that is no receipt. */
  | { readonly code: 'NOT_A_RECEIPT' }
  | { readonly code: 'UNKNOWN_RECEIPT'; readonly id: string }
  | { readonly code: 'UNKNOWN_EVIDENCE'; readonly id: string }
  /** The case is in another state than the step needs. */
  | { readonly code: 'WRONG_STAGE'; readonly id: string; readonly stage: string }
  /** The step is possible later; unix seconds, if that is known. */
  | { readonly code: 'TOO_EARLY'; readonly id: string; readonly from: number | undefined }
  /** Only the receipt's client may challenge. */
  | { readonly code: 'NOT_CLIENT'; readonly client: string }
  /** The content is not what the receipt is about. */
  | { readonly code: 'WRONG_CONTENT'; readonly id: string }
> {}

export const badReceipt = (why: string): CourtError =>
  new CourtError(`This receipt is worth nothing: ${why}`, { code: 'BAD_RECEIPT', why })
