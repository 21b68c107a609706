import { peerIdFromString } from '@libp2p/peer-id'
import type { LocalNetwork } from '@teahouse/protocol/chain'
import { chainCalls, type ChainCalls } from '@teahouse/protocol/chain-relay'
import { PROTOCOLS } from '@teahouse/protocol/wire'
import type { Address } from 'viem'
import { nodeKey } from '../net/node-key.ts'
import type { Peer } from '../net/peer.ts'

/** A node that can be asked about the chain. */
export interface ChainNode {
  readonly operatorId: number
  readonly peerId: string
  /** The address of its key, which signs its answers. */
  readonly node: Address
  readonly calls: ChainCalls
}

/**
 * One node an operator of those that the network's description names: two of the same are one voice. A peer id holds the key itself, so nothing
 * else has to vouch for it. In random order, so that no node sees all people; entries without a usable key are left out.
 */
export function chainNodes(
  network: Pick<LocalNetwork, 'nodes' | 'chainId'>,
  peer: Pick<Peer, 'request'>,
  operators?: readonly number[],
): ChainNode[] {
  const found = network.nodes.flatMap(({ operator: operatorId, peerId, multiaddrs }): ChainNode[] => {
    if (operators && !operators.includes(operatorId)) return []
    const node = addressOf(peerId)
    if (!node) return []
    const endpoint = { peerId, multiaddrs }
    const exchange = (bytes: Uint8Array, { maxBytes }: { readonly maxBytes: number }) =>
      peer.request(endpoint, PROTOCOLS.chain, bytes, { maxBytes })
    return [{ operatorId, peerId, node, calls: chainCalls(exchange, node, network.chainId) }]
  })
  return shuffled(found).filter(
    ({ operatorId }, at, all) => all.findIndex((other) => other.operatorId === operatorId) === at,
  )
}

function addressOf(peerId: string): Address | undefined {
  try {
    return nodeKey(peerIdFromString(peerId).toMultihash().bytes)?.address
  } catch {
    return undefined
  }
}

export function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, rank: crypto.getRandomValues(new Uint32Array(1))[0]! }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item)
}
