import { TeahouseError } from '@teahouse/protocol/errors'

export class PayError extends TeahouseError<
  | { readonly code: 'BAD_OFFER'; readonly peerId: string; readonly why: string }
  | { readonly code: 'NO_OFFER'; readonly peerId: string; readonly status: number }
  | { readonly code: 'NOT_FOR_SALE'; readonly peerId: string; readonly service: string }
  | {
      readonly code: 'TOO_EXPENSIVE'
      readonly peerId: string
      readonly price: bigint
      readonly limit: bigint
    }
  | { readonly code: 'FOREIGN_SIGNER'; readonly payee: string; readonly signer: string }
  | { readonly code: 'CHANNEL_CLOSING'; readonly payee: string; readonly thawingUntil: number }
  | {
      readonly code: 'VOUCHER_REFUSED'
      readonly peerId: string
      readonly status: number
      readonly description: string
    }
  | {
      readonly code: 'VOUCHERS_LOST'
      readonly payee: string
      readonly claimed: bigint
      readonly known: bigint
    }
  | { readonly code: 'STILL_UNPAID'; readonly peerId: string; readonly service: string }
> {}

/** Reasons of one node not to be paid that another node may not have; nothing was signed for. */
const UNPAID: ReadonlySet<string> = new Set([
  'BAD_OFFER',
  'NO_OFFER',
  'NOT_FOR_SALE',
  'TOO_EXPENSIVE',
  'CHANNEL_CLOSING',
  'FOREIGN_SIGNER',
])

/** True if a node took a payment and wants another; the next one may keep its word. */
export const isStillUnpaid = (error: unknown): boolean =>
  error instanceof PayError && error.code === 'STILL_UNPAID'

/** True if a node could not be paid, so that another one may be asked. */
export const isUnpaid = (error: unknown): boolean => error instanceof PayError && UNPAID.has(error.code)
