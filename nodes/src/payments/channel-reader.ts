import type { Address } from 'viem'
import { abis } from '@teahouse/protocol/chain'
import type { PublicClient } from 'viem'

/** A payer's channel with this node's payee, as the chain has it. Amounts in the token's smallest unit. */
export interface Channel {
  /** The zero address while the channel is closed. */
  readonly signer: Address
  readonly epoch: bigint
  readonly allocated: bigint
  readonly collected: bigint
  /** Unix seconds from which the payer can take the rest back; 0 if no close is pending. */
  readonly thawingUntil: number
}

export type ReadChannel = (payer: Address) => Promise<Channel>

/** Reads channels of `payee` from the chain, each time anew. Throws what viem throws. */
export function channelReader(client: PublicClient, channels: Address, payee: Address): ReadChannel {
  return async (payer) => {
    const { signer, epoch, allocated, collected, thawingUntil } = await client.readContract({
      address: channels,
      abi: abis.PaymentChannels,
      functionName: 'account',
      args: [payer, payee],
    })
    return { signer, epoch: BigInt(epoch), allocated, collected, thawingUntil }
  }
}
