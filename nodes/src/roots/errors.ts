import { TeahouseError } from '@teahouse/protocol/errors'

/** A question about a root that has no answer. */
export class RootError extends TeahouseError<
  /** Nothing was said of this hour. */
  | { readonly code: 'NOT_SAID'; readonly shard: number; readonly hour: bigint }
  /** The hashes of this hour are kept no more, so that nothing can be proven of them. */
  | { readonly code: 'GONE'; readonly shard: number; readonly hour: bigint }
> {}
