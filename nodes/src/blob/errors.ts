import { TeahouseError } from '@teahouse/protocol/errors'

/** Why a blob is not kept or given. */
export class BlobError extends TeahouseError<
  /** Not there: never, not any more, or its time is over. */
  | { readonly code: 'NOT_FOUND' }
  /** The time to keep it until is over already. */
  | { readonly code: 'TERM_OVER' }
  | { readonly code: 'TOO_LONG'; readonly maxDays: number }
  /** The limit of all blobs or the budget of the disk is used up; nothing was charged. */
  | { readonly code: 'NO_ROOM' }
  /** More blobs are being written than may; nothing was charged. */
  | { readonly code: 'BUSY' }
  | { readonly code: 'UNPAID' }
> {}

export const notFound = () => new BlobError('This blob is not here', { code: 'NOT_FOUND' })
