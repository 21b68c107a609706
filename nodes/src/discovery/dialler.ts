import type { Connection } from '@libp2p/interface'
import type { Logger } from 'pino'
import { askCluster, type OwnCluster } from '../metadata/index.ts'
import { connectedPeers, type Net } from '../net/index.ts'
import { tally, type Tally } from '../tally.ts'
import { networkOf, withoutPeerId } from './addresses.ts'
import type { CandidateBook, Known } from './candidates.ts'
import { choose, type ConnectedPeer } from './choose.ts'
import type { DiscoveryConfig, SourceName } from './config.ts'
import type { KnownPeers } from './known-peers.ts'

/** Milliseconds for which a node of another cluster is left alone. */
const OTHER_CLUSTER_MS = 3_600_000

export interface DiallerDeps {
  readonly net: Net
  readonly book: CandidateBook
  readonly known: Pick<KnownPeers, 'seen'>
  readonly cluster: OwnCluster
  readonly log: Logger
}

type Fault = 'OTHER_CLUSTER' | 'SILENT' | 'NETWORK_FULL'

/** Connects with candidates, and leaves those that turn out to be of another cluster. */
export interface Dialler {
  /** Dials whom it chooses now; resolves when each was reached or not. */
  dial(signal: AbortSignal): Promise<void>
  /** Dials since the start. */
  readonly counts: Tally<DialEvent>['counts']
}

/** `left`: reached, and of no use to this node. */
export type DialEvent = 'reached' | 'failed' | 'left'

export function dialler(config: DiscoveryConfig, deps: DiallerDeps): Dialler {
  const { net, book, known, cluster, log } = deps
  const counted = tally<DialEvent>()
  /** Who had told of the node when it was connected: a source that tells of many others later is not rid of its share. */
  const judged = new WeakMap<Connection, readonly SourceName[]>()

  /**
   * Peers that this node dialled, or that are registered: whoever dials it can be anybody, any number of times, and
   * must not keep it from dialling others.
   */
  function connected(): ConnectedPeer[] {
    return connectedPeers(net).flatMap((peerId) => {
      const told = book.get(peerId.toString())?.sources ?? []
      const own = net.getConnections(peerId).find(({ direction }) => direction === 'outbound')
      if (own === undefined) return told.includes('registry') ? [{ sources: told, network: undefined }] : []
      return [{ sources: judged.get(own) ?? told, network: networkOf(own.remoteAddr) }]
    })
  }

  async function reach({ peerId, addresses, sources }: Known, stopping: AbortSignal): Promise<void> {
    try {
      const signal = AbortSignal.any([stopping, AbortSignal.timeout(config.dialTimeoutMs)])
      await net.dial([...addresses], { signal })
      counted.add('reached')
    } catch (err) {
      if (stopping.aborted) return
      counted.add('failed')
      book.failed(peerId.toString())
      log.debug({ err, peerId: peerId.toString(), sources }, 'Could not reach a node')
    }
  }

  /** Addresses are claims: in which network a node is shows when it is connected. */
  function isCrowded({ remoteAddr }: Connection): boolean {
    const network = networkOf(remoteAddr)
    const same = net
      .getConnections()
      .filter((other) => judged.has(other) && networkOf(other.remoteAddr) === network)
    return network !== undefined && same.length >= config.maxPeersPerNetwork
  }

  /** Why a node is to be left; undefined for one of this network. The registry says the cluster of registered nodes; others are asked. */
  async function faultOf(
    connection: Connection,
    sources: readonly SourceName[],
    signal: AbortSignal,
  ): Promise<Fault | undefined> {
    const isRegistered = sources.includes('registry')
    const isFull = !isRegistered && !sources.includes('bootstrap') && isCrowded(connection)
    judged.set(connection, sources)
    if (isRegistered) return undefined
    if (isFull) return 'NETWORK_FULL'
    try {
      const theirs = await askCluster(connection, cluster, signal)
      return theirs === cluster.clusterId ? undefined : 'OTHER_CLUSTER'
    } catch (err) {
      log.debug({ err, peerId: connection.remotePeer.toString() }, 'A peer does not say its cluster')
      return 'SILENT'
    }
  }

  async function judge(connection: Connection, signal: AbortSignal): Promise<void> {
    const peerId = connection.remotePeer.toString()
    const sources = book.get(peerId)?.sources
    if (sources === undefined) return
    const fault = await faultOf(connection, sources, signal)
    if (signal.aborted) return
    if (fault === undefined) {
      book.connected(peerId)
      known.seen(peerId, withoutPeerId(connection.remoteAddr).toString())
      return log.info({ peerId, sources }, 'Connected with a node')
    }
    counted.add('left')
    if (fault === 'OTHER_CLUSTER') book.avoid(peerId, OTHER_CLUSTER_MS)
    else book.failed(peerId)
    log.info({ peerId, sources, fault }, 'Left a node')
    await net.hangUp(connection.remotePeer).catch((err: unknown) => log.debug({ err }, 'Could not hang up'))
  }

  return {
    counts: counted.counts,
    async dial(signal) {
      const free = book
        .due()
        .filter(({ peerId }) => !peerId.equals(net.peerId) && net.getConnections(peerId).length === 0)
      await Promise.all(choose(free, connected(), config).map((candidate) => reach(candidate, signal)))
      const unknown = net
        .getConnections()
        .filter((connection) => connection.direction === 'outbound' && !judged.has(connection))
      await Promise.all(unknown.map((connection) => judge(connection, signal)))
    },
  }
}
