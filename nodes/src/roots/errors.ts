import { TeahouseError } from '@teahouse/protocol/errors'

/** A question about a root that has no answer. */
export class RootError extends TeahouseError<
  /** Nothing was said of this hour. */
  | { readonly code: 'NOT_SAID'; readonly shard: number; readonly hour: bigint }
  /** The hashes of this hour are kept no more, so that nothing can be proven of them. */
  | { readonly code: 'GONE'; readonly shard: number; readonly hour: bigint }
  /** A receipt for a message that is not kept, or of another hour or shard. */
  | { readonly code: 'NOT_KEPT'; readonly shard: number; readonly hour: bigint }
  /** A receipt for an hour whose root is said, or begun, or will not be signed. */
  | { readonly code: 'CLOSED'; readonly shard: number; readonly hour: bigint }
  /** This node signs no receipts for messages. */
  | { readonly code: 'NO_RECEIPTS' }
> {}
