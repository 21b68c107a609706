import { TeahouseError } from '@teahouse/protocol/errors'
import type { Address, Hash } from 'viem'

/** Why a payment is not made, or is not what it is said to be. Amounts in the token's smallest unit. Nothing was sent unless it says so. */
export class MoneyError extends TeahouseError<
  | { readonly code: 'NOT_A_LINK'; readonly why: string }
  | { readonly code: 'OTHER_CHAIN'; readonly expected: number; readonly actual: number }
  | { readonly code: 'OTHER_TOKEN'; readonly token: Address }
  | { readonly code: 'BAD_PAYMENT'; readonly field: 'amount' | 'note' | 'id' | 'to' }
  /** The link asks for another amount than the one that was given. */
  | { readonly code: 'AMOUNTS_DIFFER'; readonly link: bigint; readonly given: bigint }
  /** The contact has not told where it can be paid; it has been asked, if `asked`. */
  | { readonly code: 'NO_ADDRESS'; readonly contact: string; readonly asked: boolean }
  | { readonly code: 'CHAT_NEEDED' }
  /** Another payment has this id. */
  | { readonly code: 'ID_TAKEN'; readonly id: string }
  /** The book is of a backup or of another device, and the chain shows a payment of the same to the same that it does not know. */
  | { readonly code: 'MAYBE_PAID'; readonly id: string; readonly hash: Hash }
  /** It was sent, and may still be mined; it is looked for again. */
  | { readonly code: 'STILL_OPEN'; readonly id: string; readonly hash: Hash }
  /** It was mined, and the token refused it: nothing was paid. */
  | { readonly code: 'PAYMENT_FAILED'; readonly id: string; readonly hash: Hash }
  | { readonly code: 'NO_RECEIPT'; readonly hash: Hash }
  /** The receipt is not true, or not to be seen on the chain. */
  | { readonly code: 'RECEIPT_NOT_TRUE'; readonly hash: Hash; readonly why: string }
> {}
