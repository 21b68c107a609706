import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { multiaddr } from '@multiformats/multiaddr'
import { memberCalls, type MemberCalls, type MemberNetwork } from '@teahouse/protocol/member'
import { PROTOCOLS, request } from '@teahouse/protocol/wire'
import { createLibp2p } from 'libp2p'
import type { Address } from 'viem'
import { peerIdFromString } from '@libp2p/peer-id'
import { readPeerId } from '../discovery/peer-address.ts'
import { MembershipError } from './errors.ts'

/** Another node to ask about the members. */
export interface MemberPeer {
  readonly address: string
  /** The address of its node key. */
  readonly node: Address
  readonly calls: MemberCalls
}

/** Connections for the time before this node listens itself. `stop()` them. */
export interface MemberPeers {
  readonly peers: readonly MemberPeer[]
  stop(): Promise<void>
}

/**
 * Prepares to ask the nodes at these multiaddrs; nothing is dialled yet. Each is told from its peer id, so an address
 * without one, or two of one node, are refused. @throws MembershipError BAD_PEER_ADDRESS.
 */
export async function memberPeers(
  addresses: readonly string[],
  network: MemberNetwork,
  timeoutMs: number,
): Promise<MemberPeers> {
  const named = addresses.map((address) => ({ address, node: nodeOf(address) }))
  const twice = named.find(({ node }, at) => named.findIndex((other) => other.node === node) !== at)
  if (twice) throw badAddress(twice.address)
  const host = await createLibp2p({
    addresses: { listen: [] },
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), ping: ping() },
  })
  const peers = named.map(({ address, node }) => {
    const exchange = async (bytes: Uint8Array, { maxBytes }: { readonly maxBytes: number }) => {
      const signal = AbortSignal.timeout(timeoutMs)
      const connection = await host.dial(multiaddr(address), { signal })
      const stream = await connection.newStream(PROTOCOLS.member, { signal })
      return await request(stream, bytes, { maxBytes, timeoutMs })
    }
    return { address, node, calls: memberCalls(exchange, node, network) }
  })
  return { peers, stop: async () => await host.stop() }
}

function nodeOf(address: string): Address {
  try {
    const component = multiaddr(address)
      .getComponents()
      .find(({ name }) => name === 'p2p')
    const key = readPeerId(peerIdFromString(component!.value!).toMultihash().bytes)
    if (key) return key.address
  } catch (cause) {
    throw badAddress(address, cause)
  }
  throw badAddress(address)
}

function badAddress(address: string, cause?: unknown): MembershipError {
  const message = `${address} does not name one more node by its peer id. Correct "membership.snapshotPeers".`
  return new MembershipError(message, { code: 'BAD_PEER_ADDRESS', address }, { cause })
}
