/** What stands on which chain, and the ABIs that it speaks: those of this release and of every one before. */
import type { Address } from 'viem'
import { ABI_VERSION, ABIS, DEPLOYMENTS } from './generated/index.ts'
import { addressesOf, deploymentId, type DeploymentRecord, firstBlockOf } from './record.ts'

export {
  addressesOf,
  type ArgumentJson,
  DeployedContract,
  deploymentId,
  DeploymentRecord,
  firstBlockOf,
} from './record.ts'
export { ABI_VERSION, DEPLOYMENTS }

export type AbiVersion = keyof typeof ABIS
/** The ABIs of a deployment by the contract's name. */
export type DeploymentAbis = Awaited<ReturnType<(typeof ABIS)[AbiVersion]>>['abis']

/** What it takes to talk to a deployment. */
export interface Deployment {
  readonly id: string
  readonly chainId: number
  readonly abiVersion: number
  readonly addresses: Readonly<Record<string, Address>>
  /** No event of its contracts is older. */
  readonly firstBlock: bigint
}

export const deploymentOf = (record: DeploymentRecord): Deployment => ({
  id: record.id,
  chainId: record.chainId,
  abiVersion: record.abiVersion,
  addresses: addressesOf(record),
  firstBlock: firstBlockOf(record),
})

/** The deployment of a network that this very release runs, such as the local one. */
export const presentDeployment = (network: {
  readonly chainId: number
  readonly contracts: Readonly<Record<string, Address>>
}): Deployment => ({
  id: deploymentId(network.chainId, network.contracts),
  chainId: network.chainId,
  abiVersion: ABI_VERSION,
  addresses: network.contracts,
  firstBlock: 0n,
})

/** The ABIs of a version, or undefined if this release doesn't know it: a newer one is needed. */
export async function abisOf(version: number): Promise<DeploymentAbis | undefined> {
  const load = (ABIS as Readonly<Record<number, (typeof ABIS)[AbiVersion] | undefined>>)[version]
  return load && (await load()).abis
}
