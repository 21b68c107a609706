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
  /** More than is put aside for the payee, and no transaction was wanted. */
  | {
      readonly code: 'NOT_COVERED'
      readonly payee: string
      readonly total: bigint
      readonly allocated: bigint
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
  'NOT_COVERED',
])

/** What a node does that takes a payment and gives nothing for it, or takes none. */
const IN_VAIN: ReadonlySet<string> = new Set(['STILL_UNPAID', 'VOUCHER_REFUSED', 'VOUCHERS_LOST'])

/** True if it was in vain to pay a node; another one may keep its word. What was signed for stays counted. */
export const isPaidInVain = (error: unknown): boolean => error instanceof PayError && IN_VAIN.has(error.code)

/** True if a node could not be paid, so that another one may be asked. */
export const isUnpaid = (error: unknown): boolean => error instanceof PayError && UNPAID.has(error.code)
