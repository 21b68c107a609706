import { isAddressEqual, type Address, type PublicClient } from 'viem'
import {
  contractsAt,
  readServices,
  type ContractAddresses,
  type ServiceRecord,
} from '@teahouse/protocol/chain'
import { readPeerId } from './peer-address.ts'

/** A record of the service registry and why it is not trusted, if it is not. */
export interface CheckedService {
  readonly record: ServiceRecord
  readonly fault: ServiceFault | undefined
}

export type ServiceFault = 'BAD_PEER_ID' | 'KEY_MISMATCH' | 'NODE_REPLACED' | 'STAKE_TOO_LOW'

export interface RegistryReader {
  /** The newest record of every operator of the cluster, checked against stake and keys. Throws ChainError, or what viem throws. */
  read(): Promise<CheckedService[]>
  /** Where the income of an operator goes; the zero address if there is no such operator. */
  payeeOf(operatorId: number): Promise<Address>
}

export function registryReader(
  client: PublicClient,
  contracts: ContractAddresses,
  options: { readonly clusterId: number; readonly fromBlock: bigint },
): RegistryReader {
  const { OperatorStaking } = contractsAt(contracts, client)

  async function check(record: ServiceRecord, minimumStake: bigint): Promise<CheckedService> {
    const key = readPeerId(record.peerId)
    if (!key) return { record, fault: 'BAD_PEER_ID' }
    if (!isAddressEqual(key.address, record.node)) return { record, fault: 'KEY_MISMATCH' }
    const operator = await OperatorStaking.read.operator([record.operatorId])
    if (!isAddressEqual(operator.node, record.node)) return { record, fault: 'NODE_REPLACED' }
    return { record, fault: operator.staked < minimumStake ? 'STAKE_TOO_LOW' : undefined }
  }

  return {
    async read() {
      const records = await readServices(client, contracts.ServiceRegistry, options)
      const minimumStake = await OperatorStaking.read.minimumStake()
      return await Promise.all(records.map((record) => check(record, minimumStake)))
    },
    payeeOf: (operatorId) => OperatorStaking.read.payeeOf([operatorId]),
  }
}
