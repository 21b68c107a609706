import { type Address, type PublicClient } from 'viem'
import { abis, type MembershipParams } from '@teahouse/protocol/chain'
import { readFinal } from '../chain/final.ts'
import type { Sender } from '../chain/sender.ts'
import type { SlashChain } from './slash-chain.ts'

/** IMembershipRegistry.State: the ones whose deposit can be taken. */
const SLASHABLE_STATES: readonly number[] = [1, 2]
/** The ones whose deposit is gone: withdrawn, slashed. */
const OVER_STATES: readonly number[] = [3, 4]

/** Slashing through a membership registry; `confirmations` in blocks. Throws what the sender and viem throw. */
export function registrySlashing(
  client: PublicClient,
  registry: Address,
  sender: Sender,
  params: Pick<MembershipParams, 'commitMinBlocks' | 'commitMaxAge'>,
  confirmations: number,
): SlashChain {
  const contract = { address: registry, abi: abis.MembershipRegistry } as const
  return {
    slasher: sender.address,
    minBlocks: BigInt(params.commitMinBlocks),
    maxAgeSeconds: params.commitMaxAge,
    async slashable({ commitment, holder }) {
      const { state } = await client.readContract({
        ...contract,
        functionName: 'member',
        args: [commitment, holder],
      })
      return SLASHABLE_STATES.includes(state) ? 'yes' : 'no'
    },
    async isOver({ commitment, holder }) {
      const member = { ...contract, functionName: 'member', args: [commitment, holder] } as const
      const found = await readFinal(client, confirmations, (blockNumber) =>
        client.readContract({ ...member, blockNumber }),
      )
      return found !== undefined && OVER_STATES.includes(found.state)
    },
    async commitmentOf(commitment) {
      const args = [sender.address, commitment] as const
      const [blockNumber, timestamp] = await client.readContract({
        ...contract,
        functionName: 'slashCommitment',
        args,
      })
      return timestamp === 0n ? undefined : { blockNumber, timestamp: Number(timestamp) }
    },
    async commit(commitment) {
      const { blockNumber } = await sender.send({
        ...contract,
        functionName: 'commitSlash',
        args: [commitment],
      })
      return { blockNumber }
    },
    async reveal(secret, holder, salt) {
      const args = [secret, holder, salt] as const
      const { transactionHash } = await sender.send({ ...contract, functionName: 'slash', args })
      return { hash: transactionHash }
    },
  }
}
