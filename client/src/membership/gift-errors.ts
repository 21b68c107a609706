import { TeahouseError } from '@teahouse/protocol/errors'
import type { Address } from 'viem'

/** A gift can't be made, claimed or taken back. Nothing was spent. */
export class GiftError extends TeahouseError<
  | { readonly code: 'WRONG_NETWORK'; readonly chainId: number; readonly envelopes: Address }
  | { readonly code: 'ALREADY_CLAIMED' }
  /** By the giver; or it never was on this chain. */
  | { readonly code: 'TAKEN_BACK' }
  /** Unix seconds. */
  | { readonly code: 'GIFT_EXPIRED'; readonly expiry: number }
  /** It no longer pays for a membership; in the token's smallest unit. */
  | { readonly code: 'TOO_LITTLE'; readonly amount: bigint; readonly price: bigint }
  | { readonly code: 'NOT_THE_GIVER'; readonly creator: Address }
  | { readonly code: 'BAD_LIFETIME'; readonly seconds: number }
> {}
