import type { Connection } from '@libp2p/interface'
import type { Logger } from 'pino'
import { askCluster, type OwnCluster } from '../metadata/index.ts'
import type { Net } from '../net/index.ts'
import { networkOf, withoutPeerId } from './addresses.ts'
import type { CandidateBook, Known } from './candidates.ts'
import { choose, type ConnectedPeer } from './choose.ts'
import type { DiscoveryConfig } from './config.ts'
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

/** Connects with candidates, and leaves those that turn out to be of another cluster. */
export interface Dialler {
  /** Dials whom it chooses now; resolves when each was reached or not. */
  dial(signal: AbortSignal): Promise<void>
}

export function dialler(config: DiscoveryConfig, deps: DiallerDeps): Dialler {
  const { net, book, known, cluster, log } = deps
  const judged = new WeakSet<Connection>()

  /**
   * Peers that this node dialled, or that are registered: whoever dials it can be anybody, any number of times, and
   * must not keep it from dialling others.
   */
  function connected(): ConnectedPeer[] {
    return net.getPeers().flatMap((peerId) => {
      const sources = book.get(peerId.toString())?.sources ?? []
      const own = net.getConnections(peerId).find(({ direction }) => direction === 'outbound')
      if (own === undefined && !sources.includes('registry')) return []
      return [{ sources, network: own && networkOf(own.remoteAddr) }]
    })
  }

  async function reach({ peerId, addresses, sources }: Known, stopping: AbortSignal): Promise<void> {
    try {
      const signal = AbortSignal.any([stopping, AbortSignal.timeout(config.dialTimeoutMs)])
      await net.dial([...addresses], { signal })
    } catch (err) {
      if (stopping.aborted) return
      book.failed(peerId.toString())
      log.debug({ err, peerId: peerId.toString(), sources }, 'Could not reach a node')
    }
  }

  /** The registry says the cluster of a registered node; others are asked. */
  async function judge(connection: Connection, signal: AbortSignal): Promise<void> {
    const peerId = connection.remotePeer.toString()
    const candidate = book.get(peerId)
    if (candidate === undefined) return
    judged.add(connection)
    const { sources } = candidate
    try {
      const theirs = sources.includes('registry')
        ? cluster.clusterId
        : await askCluster(connection, cluster, signal)
      if (theirs === cluster.clusterId) {
        book.connected(peerId)
        known.seen(peerId, withoutPeerId(connection.remoteAddr).toString())
        return log.info({ peerId, sources }, 'Connected with a node')
      }
      book.avoid(peerId, OTHER_CLUSTER_MS)
      log.info({ peerId, sources, theirs }, 'Left a node of another cluster')
    } catch (err) {
      if (signal.aborted) return
      book.failed(peerId)
      log.debug({ err, peerId, sources }, 'Left a peer that does not say its cluster')
    }
    await net.hangUp(connection.remotePeer).catch((err: unknown) => log.debug({ err }, 'Could not hang up'))
  }

  return {
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
