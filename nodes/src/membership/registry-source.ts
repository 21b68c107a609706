import { getAbiItem, type AbiEvent, type Address, type PublicClient } from 'viem'
import { abis, membershipEvent } from '@teahouse/protocol/chain'
import { blockRef } from '../chain/blocks.ts'
import type { HomeChange, HomeEntry } from '@teahouse/protocol/rln'
import type { ChangeAt } from './change-store.ts'
import type { MembershipSource } from './follower.ts'

const eventsOf = (names: readonly string[]) =>
  names.map(
    (name) => getAbiItem({ abi: abis.MembershipRegistry, name: name as 'MemberRegistered' }) as AbiEvent,
  )
const EVENTS = eventsOf(['MemberRegistered', 'MemberRenewed', 'MemberExited', 'MemberSlashed'])
const HOME_EVENTS = eventsOf(['MemberRegistered', 'HomeSet'])

/**
 * Reads the changes of a registry from its events, and, of an operator other than 0, who came to it as a home and who left it.
 * Throws what viem throws.
 */
export function registrySource(client: PublicClient, registry: Address, home = 0): MembershipSource {
  async function read(events: AbiEvent[], fromBlock: bigint, toBlock: bigint): Promise<ChangeAt[]> {
    const logs = await client.getLogs({ address: registry, events, fromBlock, toBlock })
    return logs.flatMap((log): ChangeAt[] => {
      const change = membershipEvent(log)
      const { blockNumber, blockHash, logIndex } = log
      if (!change || (change.kind === 'homeSet' && !concerns(change, home))) return []
      return [{ change, blockNumber, blockHash, logIndex }]
    })
  }

  return {
    changes: (from, to) => read(home === 0 ? EVENTS : [...EVENTS, HOME_EVENTS[1]!], from, to),
    async homes(from, to) {
      const found = (await read(HOME_EVENTS, from, to)).map(({ change }) => change)
      return found.filter(
        (change) => change.kind === 'homeSet' || (change.kind === 'registered' && change.home === home),
      ) as HomeEntry[]
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

const concerns = ({ home, previous }: HomeChange, operator: number) =>
  home !== previous && (home === operator || previous === operator)
