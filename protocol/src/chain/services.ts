import { type Address, bytesToHex, decodeEventLog, hexToBytes } from 'viem'
import { abis } from './abis.ts'
import { chainError, ChainError } from './errors.ts'
import type { RawLog } from './membership-events.ts'

/** Bits of `services` in an announcement. */
export const SERVICES = { relay: 1, store: 2, filter: 4, lightpush: 8 } as const

/** What an operator announced last. */
export interface ServiceRecord {
  readonly operatorId: number
  /** Address of the node's key: the peer id must belong to it. */
  readonly node: Address
  /** libp2p peer id, as multihash bytes. */
  readonly peerId: Uint8Array
  /** Where the node listens, without the peer id. Text from outside: parse it with care. */
  readonly multiaddrs: readonly string[]
  /** Bits of SERVICES. */
  readonly services: number
  readonly clusterId: number
  /** Price of a store query in the token's smallest unit; only an offer of the node binds it. */
  readonly priceHint: bigint
}

/** The records that stand after `logs` of the ServiceRegistry, in the chain's order, by operator id. Throws ChainError BAD_LOG. */
export function servicesFrom(
  logs: Iterable<RawLog>,
  known: ReadonlyMap<number, ServiceRecord> = new Map(),
): Map<number, ServiceRecord> {
  const records = new Map(known)
  for (const log of logs) {
    const { eventName, args } = decode(log)
    if (eventName === 'ServiceRetired') records.delete(args.operatorId)
    if (eventName === 'ServiceAnnounced')
      records.set(args.operatorId, { ...args, peerId: hexToBytes(args.peerId) })
  }
  return records
}

/** Arguments of ServiceRegistry.announce for a record. */
export function announceArgs(record: Omit<ServiceRecord, 'node'>) {
  const { operatorId, peerId, multiaddrs, services, clusterId, priceHint } = record
  return [operatorId, { peerId: bytesToHex(peerId), multiaddrs, services, clusterId, priceHint }] as const
}

/** Every standing record of a cluster, read from the chain. Throws ChainError. */
export async function readServices(
  client: { getLogs(filter: { address: Address; fromBlock: bigint; toBlock: 'latest' }): Promise<RawLog[]> },
  registry: Address,
  options: { readonly clusterId?: number; readonly fromBlock?: bigint } = {},
): Promise<ServiceRecord[]> {
  const { clusterId, fromBlock = 0n } = options
  const logs = await client
    .getLogs({ address: registry, fromBlock, toBlock: 'latest' })
    .catch((cause: unknown) => {
      throw chainError(cause)
    })
  const records = [...servicesFrom(logs).values()]
  return clusterId === undefined ? records : records.filter((record) => record.clusterId === clusterId)
}

function decode({ data, topics }: RawLog) {
  try {
    return decodeEventLog({
      abi: abis.ServiceRegistry,
      data,
      topics,
      strict: true,
    })
  } catch (cause) {
    const detail = { code: 'BAD_LOG', event: 'ServiceRegistry' } as const
    throw new ChainError('This log is no event of the service registry', detail, { cause })
  }
}
