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
