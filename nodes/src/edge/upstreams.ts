import type { Connection, PeerId } from '@libp2p/interface'
import { PROTOCOLS, request } from '@teahouse/protocol/wire'
import { connectedPeers, type Net } from '../net/index.ts'

/** A node that an edge node takes messages from and gives them to. */
export interface Upstream {
  readonly peerId: string
  readonly connection: Connection
  /** Criteria that it has confirmed on this connection. */
  readonly subscribed: Set<string>
}

export interface UpstreamsDeps {
  readonly net: Net
  /** Whether a peer is the node of a registered operator: those come first. */
  readonly isOperator: (peerId: string) => boolean
}

/** The nodes that this one leans on. */
export interface Upstreams {
  readonly current: readonly Upstream[]
  find(peerId: string): Upstream | undefined
  /** Chooses among the connected peers; keeps those that it has while they serve. */
  look(): Promise<void>
  /** One request on a stream of its own. Throws WireError, or what opening a stream throws. */
  ask(upstream: Upstream, protocol: string, bytes: Uint8Array, signal: AbortSignal): Promise<Uint8Array>
  forget(): void
}

/** Two, so that one that drops messages is made up for by the other. */
const MAX_UPSTREAMS = 2
const TIMEOUT_MS = 10_000
const MAX_REPLY_BYTES = 64 * 1024
/** What a node has to serve for it; one that relays is no edge node itself, so that none goes round in circles. */
const NEEDED = [PROTOCOLS.relay, PROTOCOLS.filterSubscribe, PROTOCOLS.lightPush]

export function upstreams({ net, isOperator }: UpstreamsDeps): Upstreams {
  let current: readonly Upstream[] = []

  async function serves(peerId: PeerId): Promise<boolean> {
    const known = await net.peerStore.get(peerId).catch(() => undefined)
    return NEEDED.every((protocol) => known?.protocols.includes(protocol))
  }

  function upstreamAt(peerId: PeerId): Upstream | undefined {
    const [connection] = net.getConnections(peerId)
    if (!connection) return undefined
    const known = current.find((one) => one.connection.id === connection.id)
    return known ?? { peerId: peerId.toString(), connection, subscribed: new Set() }
  }

  return {
    get current() {
      return current
    },
    find: (peerId) => current.find((one) => one.peerId === peerId),
    async look() {
      const peers = connectedPeers(net)
      const serving = await Promise.all(peers.map(serves))
      const inUse = new Set(current.map(({ peerId }) => peerId))
      const rank = (peerId: string) => (isOperator(peerId) ? 0 : 2) + (inUse.has(peerId) ? 0 : 1)
      current = peers
        .filter((_, at) => serving[at])
        .sort((a, b) => rank(a.toString()) - rank(b.toString()))
        .slice(0, MAX_UPSTREAMS)
        .flatMap((peerId) => upstreamAt(peerId) ?? [])
    },
    async ask({ connection }, protocol, bytes, signal) {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
      const stream = await connection.newStream(protocol, { signal: deadline })
      return await request(stream, bytes, {
        maxBytes: MAX_REPLY_BYTES,
        timeoutMs: TIMEOUT_MS,
        signal: deadline,
      })
    },
    forget: () => void (current = []),
  }
}
