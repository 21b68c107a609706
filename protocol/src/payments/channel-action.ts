import type { Address, Hex, LocalAccount } from 'viem'
import { channelsDomain, checkRange } from './domain.ts'

/** Good for one nonce (PaymentChannels.balanceNonce of who signs), until `deadline` (unix seconds). */
interface OfBalance {
  readonly payer: Address
  /** In the token's smallest unit. */
  readonly amount: bigint
  readonly nonce: bigint
  readonly deadline: bigint
}

/** Good for one nonce (PaymentChannels.channelNonce) of one epoch, until `deadline` (unix seconds). */
interface OfChannel {
  readonly payer: Address
  readonly payee: Address
  readonly epoch: bigint
  readonly nonce: bigint
  readonly deadline: bigint
}

/** What a payer signs so that somebody else sends it: `depositFor`, `withdrawFor`, `thawFor`, `deallocateFor`. */
export type ChannelAction =
  | ({ readonly type: 'Deposit'; readonly from: Address } & OfBalance)
  | ({ readonly type: 'Withdrawal' } & OfBalance)
  | ({ readonly type: 'Thaw' | 'Deallocation' } & OfChannel)

const OF_CHANNEL = [
  { name: 'payer', type: 'address' },
  { name: 'payee', type: 'address' },
  { name: 'epoch', type: 'uint64' },
  { name: 'nonce', type: 'uint64' },
  { name: 'deadline', type: 'uint40' },
] as const
const OF_BALANCE = [
  { name: 'payer', type: 'address' },
  { name: 'amount', type: 'uint128' },
  { name: 'nonce', type: 'uint64' },
  { name: 'deadline', type: 'uint40' },
] as const
const ACTION_TYPES = {
  Deposit: [{ name: 'from', type: 'address' }, ...OF_BALANCE],
  Withdrawal: OF_BALANCE,
  Thaw: OF_CHANNEL,
  Deallocation: OF_CHANNEL,
} as const

/** Signs `action` with the payer's own key, for a deposit with that of `from`. Throws PaymentError OUT_OF_RANGE. */
export async function signChannelAction(
  account: LocalAccount,
  channels: Address,
  chainId: number,
  action: ChannelAction,
): Promise<Hex> {
  const { type, ...message } = action
  if ('amount' in message) checkRange('amount', message.amount, 128)
  if ('epoch' in message) checkRange('epoch', message.epoch, 64)
  checkRange('nonce', message.nonce, 64)
  checkRange('deadline', message.deadline, 40)
  return account.signTypedData({
    domain: channelsDomain(channels, chainId),
    types: { [type]: ACTION_TYPES[type] },
    primaryType: type,
    message,
  })
}
