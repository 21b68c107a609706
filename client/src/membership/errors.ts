import { TeahouseError } from '@teahouse/protocol/errors'
import type { SignedRoots } from '@teahouse/protocol/rln'

export class MembershipError extends TeahouseError<
  | { readonly code: 'ALREADY_MEMBER'; readonly index: number }
  | { readonly code: 'NOT_A_MEMBER' }
  | { readonly code: 'BAD_RATE_LIMIT'; readonly rateLimit: number }
  | { readonly code: 'LEDGER_UNSETTLED' }
> {}

/** What one node answered instead of what was asked for. */
export interface NodeFailure {
  readonly peerId: string
  readonly reason: string
}

/** A light client has no root that it may prove under. Nothing was proven. */
export class LightViewError extends TeahouseError<
  /** Fewer operators than needed signed a root for one block. */
  | {
      readonly code: 'TOO_FEW_NODES'
      readonly needed: number
      readonly answered: number
      readonly failures: readonly NodeFailure[]
    }
  /** Operators signed different things about one block: at least one of them lied, and these answers are the evidence. */
  | { readonly code: 'ROOTS_DISAGREE'; readonly answers: readonly SignedRoots[] }
  /** No node gave a bucket of leaves that hashes up to the root that all signed. */
  | { readonly code: 'NO_BUCKET'; readonly bucket: number; readonly failures: readonly NodeFailure[] }
  /** The chain says that this account is a member; the nodes' trees do not have its leaf (yet). */
  | { readonly code: 'NO_LEAF'; readonly index: number }
> {}
