import { getAbiItem, type AbiEvent, type Address, type PublicClient } from 'viem'
import { abis, membershipChange } from '@teahouse/protocol/chain'
import { blockRef } from '../chain/blocks.ts'
import type { ChangeAt } from './change-store.ts'
import type { MembershipSource } from './follower.ts'

const EVENTS = ['MemberRegistered', 'MemberRenewed', 'MemberExited', 'MemberSlashed'].map(
  (name) => getAbiItem({ abi: abis.MembershipRegistry, name: name as 'MemberRegistered' }) as AbiEvent,
)

/** Reads the changes of a registry from its events. Throws what viem throws. */
export function registrySource(client: PublicClient, registry: Address): MembershipSource {
  return {
    async changes(fromBlock, toBlock) {
      const logs = await client.getLogs({ address: registry, events: EVENTS, fromBlock, toBlock })
      return logs.flatMap((log): ChangeAt[] => {
        const change = membershipChange(log)
        const { blockNumber, blockHash, logIndex } = log
        return change ? [{ change, blockNumber, blockHash, logIndex }] : []
      })
    },
    block: (number) => blockRef(client, number),
    ledgerHash: (blockNumber) =>
      client.readContract({
        address: registry,
        abi: abis.MembershipRegistry,
        functionName: 'ledger',
        blockNumber,
      }),
  }
}
