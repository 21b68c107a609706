import { TeahouseError } from '@teahouse/protocol/errors'
import type { Address, Hex } from 'viem'

/** Why an envelope can't be made, opened or taken back. Nothing was spent unless it says so. Amounts in the token's smallest unit. */
export class EnvelopesError extends TeahouseError<
  | {
      readonly code: 'BAD_ENVELOPE'
      /** `checksum`: the link is not whole; `version`: a newer release made it. */
      readonly why: 'format' | 'checksum' | 'version' | 'content'
    }
  | { readonly code: 'OTHER_NETWORK'; readonly chainId: number; readonly envelopes: Address }
  | { readonly code: 'BAD_LIFETIME'; readonly seconds: number }
  | { readonly code: 'BAD_RECIPIENTS'; readonly why: string }
  | { readonly code: 'CHAT_NEEDED' }
  /** The chain has no such envelope (yet). */
  | { readonly code: 'UNKNOWN_ENVELOPE'; readonly envelope: Hex }
  /** This account has had its share; `hash` is the transaction. */
  | { readonly code: 'ALREADY_OPENED'; readonly envelope: Hex; readonly hash: Hex | undefined }
  /** Somebody else has had this share, or there is none left. */
  | { readonly code: 'ALL_TAKEN'; readonly envelope: Hex }
  /** Unix seconds. */
  | { readonly code: 'ENVELOPE_EXPIRED'; readonly envelope: Hex; readonly expiry: number }
  | { readonly code: 'NOT_EXPIRED'; readonly envelope: Hex; readonly expiry: number }
  | { readonly code: 'NOTHING_LEFT'; readonly envelope: Hex }
  /** What was sent is no share of the envelope that it names. */
  | { readonly code: 'NOT_A_SHARE'; readonly envelope: Hex }
  | { readonly code: 'NO_GATE' }
> {}
