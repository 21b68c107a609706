import type { Address } from 'viem'
import { TeahouseError } from '@teahouse/protocol/errors'

export class OperatorError extends TeahouseError<
  | { readonly code: 'UNKNOWN_OPERATOR'; readonly operatorId: number }
  /** Only the owner may do this. */
  | {
      readonly code: 'NOT_OWNER'
      readonly operatorId: number
      readonly owner: Address
      readonly account: Address
    }
  | { readonly code: 'NOTHING_STAKED'; readonly operatorId: number }
  | { readonly code: 'STAKE_TOO_LOW'; readonly staked: bigint; readonly minimum: bigint }
  | { readonly code: 'TOO_MUCH'; readonly asked: bigint; readonly staked: bigint }
> {}
