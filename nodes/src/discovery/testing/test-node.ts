import { CAPABILITIES } from '@teahouse/protocol/wire'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { z } from 'zod'
import { metadata } from '../../metadata/index.ts'
import { host, type Net } from '../../net/index.ts'
import { CLUSTER_ID, SHARDS, SILENT, TOPICS } from '../../net/test-hosts.ts'
import { DiscoveryConfig } from '../config.ts'
import { kademlia } from '../kademlia.ts'
import { openDiscoveryOf, type OpenDiscovery } from '../open.ts'

/** For tests: what of a node finds others, over loopback, without a chain. */
export interface TestNode {
  readonly net: Net
  readonly discovery: OpenDiscovery
  /** Its first address, with its peer id. */
  readonly address: string
  readonly dataDir: string
  /** Peer ids that it is connected with. */
  peers(): string[]
  stop(): Promise<void>
}

export interface TestNodeOptions {
  readonly clusterId?: number
  readonly dataDir?: string
  readonly privateAddresses?: boolean
}

/** Starts a node that looks around every 100 ms. */
export async function startTestNode(
  init: z.input<typeof DiscoveryConfig>,
  { clusterId = CLUSTER_ID, privateAddresses = true, ...options }: TestNodeOptions = {},
): Promise<TestNode> {
  const config = DiscoveryConfig.parse({ intervalMs: 100, askMs: 200, ...init })
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'teahouse-discovery-')))
  const { raw: privateKey } = await generateKeyPair('secp256k1')
  const table = config.sources.includes('kademlia')
    ? kademlia({ askMs: config.askMs, privateAddresses })
    : undefined
  const net = await host({ listen: ['/ip4/127.0.0.1/tcp/0'] })({
    privateKey,
    topics: TOPICS,
    services: table ? { kademlia: table.service } : {},
  })
  const cluster = { clusterId, shards: Array.from({ length: SHARDS }, (_, shard) => shard) }
  const discovery = await openDiscoveryOf(config, {
    net,
    privateKey,
    cluster,
    capabilities: () => CAPABILITIES.relay,
    dataDir,
    privateAddresses,
    kademlia: table?.source,
    log: SILENT,
    now: Date.now,
  })
  const services = [metadata()({ net, ...cluster, log: SILENT }), discovery.introductions]
  await net.start()
  for (const service of services) await service.start()
  discovery.start()
  return {
    net,
    discovery,
    address: net.getMultiaddrs()[0]!.toString(),
    dataDir,
    peers: () => net.getPeers().map(String),
    async stop() {
      await discovery.stop()
      for (const service of services) await service.stop()
      await net.stop()
    },
  }
}
