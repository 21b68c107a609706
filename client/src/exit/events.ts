import type { DeploymentAbis } from '@teahouse/protocol/chain/deployments'
import type {
  Address,
  ContractEventArgs,
  ContractEventName,
  GetContractEventsReturnType,
  PublicClient,
} from 'viem'

type Contracts = keyof DeploymentAbis
type Found<C extends Contracts, E extends ContractEventName<DeploymentAbis[C]>> = GetContractEventsReturnType<
  DeploymentAbis[C],
  E,
  true
>

/** All events of one kind, from the deployment's first block on, oldest first. */
export type ExitEvents = <C extends Contracts, E extends ContractEventName<DeploymentAbis[C]>>(
  contract: C,
  eventName: E,
  args?: ContractEventArgs<DeploymentAbis[C], E>,
) => Promise<Found<C, E>>

export interface EventSource {
  readonly reader: Pick<PublicClient, 'getContractEvents'>
  readonly addresses: Readonly<Record<string, Address>>
  readonly abis: DeploymentAbis
  readonly fromBlock: bigint
  readonly toBlock: bigint
}

/** Searches block ranges as large as the endpoint allows: one that it refuses is asked for in halves. */
export function exitEvents({ reader, addresses, abis, fromBlock, toBlock }: EventSource): ExitEvents {
  return async (contract, eventName, args) => {
    const search = async (from: bigint, to: bigint): Promise<readonly unknown[]> => {
      const query = { address: addresses[contract]!, abi: abis[contract], eventName, args, strict: true }
      try {
        return await reader.getContractEvents({ ...query, fromBlock: from, toBlock: to } as never)
      } catch (error) {
        if (from >= to) throw error
        const middle = (from + to) / 2n
        return [...(await search(from, middle)), ...(await search(middle + 1n, to))]
      }
    }
    return (await search(fromBlock, toBlock)) as never
  }
}
