import { join } from 'node:path'
import { enrToText } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import type { OwnCluster } from '../metadata/index.ts'
import type { Net, Service } from '../net/index.ts'
import { readPeerAddress } from './addresses.ts'
import type { Candidate } from './candidates.ts'
import type { DiscoveryConfig, SourceName } from './config.ts'
import { createDiscovery, type Discovery } from './discovery.ts'
import { recordPool } from './exchange/records.ts'
import { peerExchange } from './exchange/server.ts'
import { exchangeSource } from './exchange/source.ts'
import { openKnownPeers } from './known-peers.ts'
import { openOwnRecord } from './own-record.ts'
import { namespaceOf } from './rendezvous/messages.ts'
import { rendezvousPoint } from './rendezvous/point.ts'
import { rendezvousSource } from './rendezvous/source.ts'
import type { Source } from './source.ts'

export interface OpenDeps {
  readonly net: Net
  /** The node key, 32 bytes. */
  readonly privateKey: Uint8Array
  readonly cluster: OwnCluster
  /** What this node offers at present, as the bits of `waku2` in its record. */
  readonly capabilities: () => number
  readonly dataDir: string
  /** Whether to dial private addresses that strangers tell. */
  readonly privateAddresses: boolean
  /** The sources that are opened elsewhere. */
  readonly registry?: Source | undefined
  readonly kademlia?: Source | undefined
  readonly log: Logger
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Finding others, and being found. */
export interface OpenDiscovery extends Discovery {
  /** The protocols by which others find nodes here. */
  readonly introductions: Service
  /** This node's record as it is now, as text. */
  record(): Promise<string>
}

/** Opens the sources that the configuration names, and what serves others. Nothing runs yet. @throws DataError. */
export async function openDiscoveryOf(config: DiscoveryConfig, deps: OpenDeps): Promise<OpenDiscovery> {
  const { net, privateKey, cluster, capabilities, dataDir, log, now } = deps
  const { clusterId, shards } = cluster
  const namespaces = shards.map((shard) => namespaceOf(clusterId, shard))
  const known = await openKnownPeers(join(dataDir, 'peers.json'), now)
  const own = await openOwnRecord({
    path: join(dataDir, 'enr.txt'),
    privateKey,
    network: cluster,
    capabilities,
    now,
  })
  const pool = recordPool(net)

  const bootstrap = config.bootstrap.flatMap((text) => readPeerAddress(text) ?? [])
  const all: Record<SourceName, Source | undefined> = {
    registry: deps.registry,
    bootstrap: fixedSource('bootstrap', config.intervalMs, () => bootstrap),
    known: fixedSource('known', config.intervalMs, known.list),
    exchange: exchangeSource(config, { net, pool, clusterId, log }),
    rendezvous: rendezvousSource(config, { net, privateKey, namespaces, log, now }),
    kademlia: deps.kademlia,
  }
  const sources = config.sources.flatMap((name) => all[name] ?? [])
  return {
    ...createDiscovery(config, { ...deps, sources, known }),
    record: async () => enrToText(await own.current(net.getMultiaddrs())),
    introductions: together([
      peerExchange()({ net, own, pool, log }),
      rendezvousPoint()({ net, namespaces: new Set(namespaces), log, now }),
    ]),
  }
}

/** A source that asks nobody. */
function fixedSource(name: SourceName, everyMs: number, list: () => readonly Candidate[]): Source {
  return { name, everyMs, find: () => Promise.resolve(list()) }
}

/** Services that start and stop as one. */
function together(services: readonly Service[]): Service {
  return {
    async start() {
      for (const service of services) await service.start()
    },
    async stop() {
      for (const service of services.toReversed()) await service.stop()
    },
  }
}
