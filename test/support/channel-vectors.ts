import { readFileSync } from 'node:fs'
import type { Address, Hex } from 'viem'
import type { Allocation, ChannelAction, CompactVoucher, Voucher } from '@teahouse/protocol/payments'

export interface ChannelVectors {
  readonly key: Hex
  readonly channels: Address
  readonly chainId: number
  readonly vouchers: readonly {
    readonly message: Voucher
    readonly digest: Hex
    readonly signature: Hex
    readonly compact: CompactVoucher
  }[]
  readonly allocations: readonly {
    readonly message: Allocation
    readonly digest: Hex
    readonly signature: Hex
  }[]
  readonly actions: readonly { readonly action: ChannelAction; readonly signature: Hex }[]
}

const NUMBER = /^\d+$/

/** test/vectors/channels.json: what is signed for a PaymentChannels contract. Decimal numbers in it are bigints. */
export function channelVectors(): ChannelVectors {
  const text = readFileSync(new URL('../vectors/channels.json', import.meta.url), 'utf8')
  return JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'string' && NUMBER.test(value) ? BigInt(value) : value,
  ) as ChannelVectors
}
