import { SERVICES, readServices, type ServiceRecord } from '@teahouse/protocol/chain'
import { isAddressEqual, zeroAddress, type Address } from 'viem'
import type { Chain } from '../chain/chain.ts'
import { NetError } from './errors.ts'
import { nodeKey } from './node-key.ts'
import type { Endpoint } from './peer.ts'

export type ServiceName = keyof typeof SERVICES

/** A node as the chain vouches for it: the operator's current node key is the key of its peer id. */
export interface NodeRecord extends Endpoint {
  readonly operatorId: number
  readonly node: Address
  readonly payee: Address
  readonly services: readonly ServiceName[]
  /** Smallest units of the token that back this operator. */
  readonly staked: bigint
  /** The price of a store query that the operator announced on chain, in the smallest unit; 0 if it announced none. */
  readonly priceHint: bigint
}

export type Directory = ReturnType<typeof createDirectory>

const FRESH_MS = 15_000
/** The registry changes seldom, and reading it costs kilobytes for each operator. */
const RECENT_MS = 3_600_000

/** Knows the network's nodes from the chain alone; entries that the chain contradicts are left out. */
export function createDirectory(chain: Chain, now: () => number = Date.now) {
  let known: { nodes: Promise<NodeRecord[]>; at: number; doubted: boolean } | undefined

  async function load(): Promise<NodeRecord[]> {
    const { contracts, network, reader } = chain
    const [records, minimum] = await chain.read('read the service registry', () =>
      Promise.all([
        readServices(reader, contracts.ServiceRegistry.address, { clusterId: network.clusterId }),
        contracts.OperatorStaking.read.minimumStake(),
      ]),
    )
    const checked = await Promise.all(records.map((record) => check(record, minimum)))
    return checked.filter((node) => node !== undefined)
  }

  async function check(record: ServiceRecord, minimum: bigint): Promise<NodeRecord | undefined> {
    const key = nodeKey(record.peerId)
    const operator = await chain.read('read an operator', () =>
      chain.contracts.OperatorStaking.read.operator([record.operatorId]),
    )
    if (!key || operator.node === zeroAddress || !isAddressEqual(key.address, operator.node)) return undefined
    if (operator.staked < minimum) return undefined
    const names = Object.keys(SERVICES) as ServiceName[]
    return {
      operatorId: record.operatorId,
      node: operator.node,
      payee: operator.payee,
      peerId: key.peerId.toString(),
      multiaddrs: record.multiaddrs,
      services: names.filter((name) => record.services & SERVICES[name]),
      staked: operator.staked,
      priceHint: record.priceHint,
    }
  }

  const notOlderThan = (ms: number): Promise<NodeRecord[]> => {
    if (!known || now() - known.at > ms) {
      known = { nodes: load(), at: now(), doubted: false }
      known.nodes.catch(() => (known = undefined))
    }
    return known.nodes
  }
  const nodes = () => notOlderThan(FRESH_MS)
  const recent = () => notOlderThan(known?.doubted ? FRESH_MS : RECENT_MS)

  return {
    /** All, as of the last 15 seconds. */
    nodes,
    /** All, as of the last hour unless there is doubt: good enough to ask one of them. */
    recent,
    /** Says that a node is not where it was: then what is older than 15 seconds is read again. */
    doubt: () => void (known && (known.doubted = true)),
    /** Forgets what was read, so that the next question goes to the chain. */
    refresh: () => void (known = undefined),
    /**
     * The nodes to try for a service, best first: only `wanted` (operator id or peer id) if given, else all in
     * random order. Throws NetError NO_NODES or UNKNOWN_NODE.
     */
    async candidates(service: ServiceName, wanted?: string | number): Promise<NodeRecord[]> {
      const fits = (node: NodeRecord) =>
        node.services.includes(service) &&
        (wanted === undefined || node.peerId === wanted || String(node.operatorId) === String(wanted))
      let serving = (await recent()).filter(fits)
      if (serving.length === 0) serving = (await nodes()).filter(fits)
      if (wanted !== undefined) {
        if (serving.length > 0) return serving
        const node = String(wanted)
        throw new NetError(`No node ${node} offers ${service} on this network`, {
          code: 'UNKNOWN_NODE',
          node,
        })
      }
      if (serving.length > 0) return shuffled(serving)
      throw new NetError(`No node offers ${service} on this network`, { code: 'NO_NODES', service })
    },
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item)
}
