import type { Address, Hex } from 'viem'
import { TeahouseError } from '../errors.ts'

export type ChainRelayErrorDetail =
  /** The node said no; `status` is the protocol's own (docs/wire/chain.md), `revert` what a contract refused with. */
  | {
      readonly code: 'REFUSED'
      readonly status: number
      readonly description: string
      readonly revert?: Hex
    }
  | { readonly code: 'BAD_REQUEST'; readonly what: string }
  /** The answer does not say what was asked, or can't be. */
  | { readonly code: 'BAD_ANSWER'; readonly what: string }
  | { readonly code: 'BAD_SIGNATURE' }
  | { readonly code: 'WRONG_SIGNER'; readonly signer: Address; readonly expected: Address }
  /** Not among what nodes send for others. */
  | { readonly code: 'NOT_RELAYED'; readonly what: string }

/** What came over /teahouse/chain/1 can't be used, or was refused. */
export class ChainRelayError extends TeahouseError<ChainRelayErrorDetail> {}

export const badRequest = (what: string, cause?: unknown): ChainRelayError =>
  new ChainRelayError(`The request can't be used: ${what}`, { code: 'BAD_REQUEST', what }, { cause })

export const badAnswer = (what: string, cause?: unknown): ChainRelayError =>
  new ChainRelayError(`The answer can't be used: ${what}`, { code: 'BAD_ANSWER', what }, { cause })

export const notRelayed = (what: string, cause?: unknown): ChainRelayError =>
  new ChainRelayError(`No node sends this for others: ${what}`, { code: 'NOT_RELAYED', what }, { cause })
