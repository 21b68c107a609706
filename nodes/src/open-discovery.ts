import type { Base } from './base.ts'
import { createDiscovery, type Discovery } from './discovery/discovery.ts'
import { registryReader } from './discovery/registry-reader.ts'
import type { Net } from './net/index.ts'

/** How the node finds the others. */
export function openDiscovery({ config, chain, log }: Base, net: Net, services: () => number): Discovery {
  const { clusterId, operatorId, contracts } = config
  return createDiscovery(config.discovery, {
    net,
    registry: registryReader(chain.client, contracts, {
      clusterId,
      fromBlock: BigInt(config.chain.fromBlock),
      blockRange: BigInt(config.chain.blockRange),
    }),
    sender: chain.sender,
    serviceRegistry: contracts.ServiceRegistry,
    own: { operatorId, clusterId, priceHint: config.payments.prices['store-query'] ?? 0n },
    services,
    log: log.child({ module: 'discovery' }),
  })
}
