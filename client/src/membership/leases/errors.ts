import { TeahouseError } from '@teahouse/protocol/errors'
import type { NodeFailure } from '../errors.ts'

/** No message id could be had. Nothing was sent, and nothing is lost: the message can be sent later. */
export class LeaseError extends TeahouseError<
  /** Too few of the nodes that keep this account's message ids answered. */
  | {
      readonly code: 'NO_LEASE'
      readonly epoch: bigint
      /** The operators that keep them, and which of them granted nothing. */
      readonly operators: readonly number[]
      readonly failures: readonly NodeFailure[]
    }
  /** This device's clock is more than a minute off. Milliseconds, positive if it is behind. */
  | { readonly code: 'CLOCK_WRONG'; readonly offByMs: number }
  /** The chain's provider has not come to the block time (unix seconds) at which it is settled which nodes are asked. */
  | { readonly code: 'CHAIN_BEHIND'; readonly head: number; readonly needed: number }
  /** No operator of this network serves light push, so nobody keeps message ids. */
  | { readonly code: 'NO_OPERATORS' }
> {}
