import type { Address } from 'viem'
import { abis } from '@teahouse/protocol/chain'
import type { PublicClient } from 'viem'
import { readFinal } from '../chain/final.ts'

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

export interface ChannelReader {
  /** At the head of the chain, each time anew. */
  current(payer: Address): Promise<Channel>
  /** As it was so many blocks ago that it is final; undefined while the chain is shorter than that. */
  final(payer: Address): Promise<Channel | undefined>
}

export type ReadChannel = ChannelReader['current']

/** Reads channels of `payee` from the chain; `confirmations` in blocks. Throws what viem throws. */
export function channelReader(
  client: PublicClient,
  channels: Address,
  payee: Address,
  confirmations: number,
): ChannelReader {
  async function read(payer: Address, block: { blockNumber?: bigint } = {}): Promise<Channel> {
    const { signer, epoch, allocated, collected, thawingUntil } = await client.readContract({
      address: channels,
      abi: abis.PaymentChannels,
      functionName: 'account',
      args: [payer, payee],
      ...block,
    })
    return { signer, epoch: BigInt(epoch), allocated, collected, thawingUntil }
  }

  return {
    current: (payer) => read(payer),
    final: (payer) => readFinal(client, confirmations, (blockNumber) => read(payer, { blockNumber })),
  }
}
