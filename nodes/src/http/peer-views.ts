import { peerIdFromString } from '@libp2p/peer-id'
import type { Peer, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { parsePubsubTopic } from '@teahouse/protocol/wire'
import { gossipPeers, type Net } from '../net/index.ts'

/** A peer as the Waku REST API tells it. */
export interface PeerView {
  readonly multiaddr: string
  readonly protocols: readonly string[]
  readonly shards: readonly number[]
  readonly connected: 'Connected' | 'NotConnected'
  readonly agent: string
  readonly origin: 'inbound' | 'outbound' | 'unknown'
  readonly score?: number
  /** Who told this node of the peer; ours, not Waku's. */
  readonly knownFrom: readonly string[]
}

export interface PeersOfShard {
  readonly shard: number
  readonly peers: readonly PeerView[]
}

/** Reads what the host knows of peers; `topics` are the pubsub topics that the node relays. */
export function peerViews(
  net: Net,
  topics: readonly string[],
  sourcesOf: (peerId: string) => readonly string[],
) {
  const { pubsub } = net.services
  const { meshOf, scoreOf } = gossipPeers(pubsub)

  function shardsByPeer(): Map<string, number[]> {
    const byPeer = new Map<string, number[]>()
    topics.forEach((topic) => {
      const { shard } = parsePubsubTopic(topic)
      for (const peerId of pubsub.getSubscribers(topic).map(String))
        byPeer.set(peerId, [...(byPeer.get(peerId) ?? []), shard])
    })
    return byPeer
  }

  function view(peer: Peer, shards: Map<string, number[]>): PeerView {
    const { id, protocols, metadata } = peer
    const peerId = id.toString()
    const [connection] = net.getConnections(id)
    return {
      multiaddr: addressOf(peer, connection?.remoteAddr),
      protocols,
      shards: shards.get(peerId) ?? [],
      connected: connection ? 'Connected' : 'NotConnected',
      agent: new TextDecoder().decode(metadata.get('AgentVersion')),
      origin: connection?.direction ?? 'unknown',
      ...(connection ? { score: scoreOf(peerId) } : {}),
      knownFrom: sourcesOf(peerId),
    }
  }

  async function all(): Promise<PeerView[]> {
    const shards = shardsByPeer()
    return (await net.peerStore.all()).map((peer) => view(peer, shards))
  }

  async function find(peerId: PeerId): Promise<Peer | undefined> {
    return (await net.peerStore.has(peerId)) ? await net.peerStore.get(peerId) : undefined
  }

  return {
    all,
    async get(peerId: PeerId): Promise<PeerView | undefined> {
      const peer = await find(peerId)
      return peer && view(peer, shardsByPeer())
    },
    async byShard(which: 'relay' | 'mesh'): Promise<PeersOfShard[]> {
      const shards = shardsByPeer()
      const list = async (topic: string): Promise<PeersOfShard> => {
        const ids = which === 'mesh' ? meshOf(topic) : pubsub.getSubscribers(topic).map(String)
        const found = await Promise.all(ids.map((id) => find(peerIdFromString(id))))
        return {
          shard: parsePubsubTopic(topic).shard,
          peers: found.filter((peer) => peer !== undefined).map((peer) => view(peer, shards)),
        }
      }
      return await Promise.all(topics.map(list))
    },
  }
}

/** Where it is connected, or the first address that is known, with the peer id at its end. */
function addressOf({ id, addresses }: Peer, connected: Multiaddr | undefined): string {
  const address = (connected ?? addresses[0]?.multiaddr)?.toString() ?? ''
  return address.includes('/p2p/') ? address : `${address}/p2p/${id.toString()}`
}
