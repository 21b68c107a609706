import { isAddressEqual, type PublicClient } from 'viem'
import {
  contractsAt,
  servicesFrom,
  type ContractAddresses,
  type ServiceRecord,
} from '@teahouse/protocol/chain'
import { readPeerId } from './peer-address.ts'

/** Blocks that are read again each time. */
const OVERLAP_BLOCKS = 64n

/** A record of the service registry and why it is not trusted, if it is not. */
export interface CheckedService {
  readonly record: ServiceRecord
  readonly fault: ServiceFault | undefined
}

export type ServiceFault = 'BAD_PEER_ID' | 'KEY_MISMATCH' | 'NODE_REPLACED' | 'STAKE_TOO_LOW'

export interface RegistryReader {
  /** The newest record of every operator of the cluster, checked against stake and keys. Throws ChainError, or what viem throws. */
  read(): Promise<CheckedService[]>
}

export function registryReader(
  client: PublicClient,
  contracts: ContractAddresses,
  options: { readonly clusterId: number; readonly fromBlock: bigint; readonly blockRange: bigint },
): RegistryReader {
  const { OperatorStaking } = contractsAt(contracts, client)

  let known: ReadonlyMap<number, ServiceRecord> = new Map()
  let next = options.fromBlock

  /** Reads what came since the last time, and the newest blocks before it again: they may have been reorganised. */
  async function readOn(): Promise<void> {
    const head = await client.getBlockNumber()
    const start = next - OVERLAP_BLOCKS > options.fromBlock ? next - OVERLAP_BLOCKS : options.fromBlock
    for (let fromBlock = start; fromBlock <= head; fromBlock += options.blockRange) {
      const last = fromBlock + options.blockRange - 1n
      const toBlock = last < head ? last : head
      known = servicesFrom(
        await client.getLogs({ address: contracts.ServiceRegistry, fromBlock, toBlock }),
        known,
      )
      next = toBlock + 1n
    }
  }

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
      await readOn()
      const records = [...known.values()].filter(({ clusterId }) => clusterId === options.clusterId)
      const minimumStake = await OperatorStaking.read.minimumStake()
      return await Promise.all(records.map((record) => check(record, minimumStake)))
    },
  }
}
