import { hexToBytes } from 'viem'
import type { Base } from './base.ts'
import { arePrivate } from './discovery/addresses.ts'
import { kademlia, type Kademlia } from './discovery/kademlia.ts'
import { openDiscoveryOf, type OpenDiscovery } from './discovery/open.ts'
import { registryReader } from './discovery/registry-reader.ts'
import { registrySource, type RegistrySource, type RegistrySourceDeps } from './discovery/registry-source.ts'
import type { Net } from './net/index.ts'
import { capabilityBits, serviceBits, type Profile } from './profile/profiles.ts'

/** The table of nodes that the host takes part in; undefined if it is no source of this node. */
export function openKademlia({ config }: Pick<Base, 'config'>): Kademlia | undefined {
  const { sources, askMs } = config.discovery
  if (!sources.includes('kademlia')) return undefined
  return kademlia({ askMs, privateAddresses: takesPrivateAddresses(config) })
}

export interface DiscoveryParts {
  readonly net: Net
  readonly table: Kademlia | undefined
  /** What the node is at present: it announces what that serves. */
  readonly profile: () => Profile
}

/** How the node finds the others, and how it is found. @throws DataError. */
export async function openDiscovery(
  base: Base,
  { net, table, profile }: DiscoveryParts,
): Promise<OpenDiscovery & Pick<RegistrySource, 'isOperator' | 'operators' | 'retire'>> {
  const { config, key, shards, now } = base
  const { clusterId, dataDir } = config
  const log = base.log.child({ module: 'discovery' })
  const registry = openRegistry(base, { net, services: () => serviceBits(profile()) })
  const discovery = await openDiscoveryOf(config.discovery, {
    net,
    privateKey: hexToBytes(key.privateKey),
    cluster: { clusterId, shards },
    capabilities: () => capabilityBits(profile()),
    dataDir,
    privateAddresses: takesPrivateAddresses(config),
    registry,
    kademlia: table?.source,
    log,
    now,
  })
  const { isOperator, operators, retire } = registry
  return { ...discovery, isOperator, operators, retire }
}

function openRegistry(
  { config, chain, log }: Base,
  { net, services }: Pick<RegistrySourceDeps, 'net' | 'services'>,
): RegistrySource {
  const { clusterId, operatorId, contracts } = config
  return registrySource(config.discovery, {
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

/** Unless told: a node that can be reached nowhere else is on a private network. */
function takesPrivateAddresses({ discovery, listen, announce }: Base['config']): boolean {
  return discovery.privateAddresses ?? arePrivate([...listen, ...announce])
}
