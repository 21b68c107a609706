import { setTimeout as sleep } from 'node:timers/promises'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import type { PeerId } from '@libp2p/interface'
import type { Logger } from 'pino'
import { abis, announceArgs, type ServiceRecord } from '@teahouse/protocol/chain'
import type { Address } from 'viem'
import type { Sender } from '../chain/sender.ts'
import type { Net } from '../net/index.ts'
import type { DiscoveryConfig } from './config.ts'
import { readPeerId } from './peer-address.ts'
import type { CheckedService, RegistryReader } from './registry-reader.ts'

/** Multiaddrs that the registry takes at most in one record. */
const MAX_MULTIADDRS = 16

export interface DiscoveryDeps {
  readonly net: Net
  readonly registry: Pick<RegistryReader, 'read'>
  readonly sender: Pick<Sender, 'send'>
  readonly serviceRegistry: Address
  /** This node's own entry; operator 0 announces nothing. */
  readonly own: { readonly operatorId: number; readonly clusterId: number; readonly priceHint: bigint }
  /** Bits of what this node serves at present. */
  readonly services: () => number
  readonly log: Logger
}

/** Finds the other nodes through the service registry, stays connected with them, and announces this one. */
export interface Discovery {
  /** Looks once: reads the registry, announces this node if it moved, dials whom it is not connected with. */
  look(): Promise<void>
  /** Whether a peer is the node of a registered operator, by the last look. */
  isOperator(peerId: string): boolean
  start(): void
  stop(): Promise<void>
}

export function createDiscovery(config: DiscoveryConfig, deps: DiscoveryDeps): Discovery {
  const { net, sender, own, log } = deps
  const abort = new AbortController()
  const faults = new Map<number, string>()
  let operators: ReadonlySet<string> = new Set()
  let loop: Promise<void> | undefined

  function trusted(services: readonly CheckedService[]): ServiceRecord[] {
    return services.flatMap(({ record, fault }) => {
      const { operatorId } = record
      if (fault && faults.get(operatorId) !== fault)
        log.warn({ operatorId, fault }, 'Ignored an announced node')
      if (fault) faults.set(operatorId, fault)
      else faults.delete(operatorId)
      return fault ? [] : [record]
    })
  }

  async function announce(services: readonly CheckedService[]): Promise<void> {
    if (!config.announce || own.operatorId === 0) return
    const record = ownRecord()
    const known = services.find(({ record: { operatorId } }) => operatorId === own.operatorId)?.record
    if (known && sameRecord(known, record)) return
    const { functionName, args } = { functionName: 'announce', args: announceArgs(record) }
    await sender.send({ address: deps.serviceRegistry, abi: abis.ServiceRegistry, functionName, args })
    log.info({ operatorId: own.operatorId, addresses: record.multiaddrs.length }, 'Announced this node')
  }

  function ownRecord(): Omit<ServiceRecord, 'node'> {
    const multiaddrs = net.getMultiaddrs().map((address) => address.toString().replace(/\/p2p\/[^/]+$/, ''))
    return {
      ...own,
      peerId: net.peerId.toMultihash().bytes,
      multiaddrs: [...new Set(multiaddrs)].slice(0, MAX_MULTIADDRS),
      services: deps.services(),
    }
  }

  async function dial(record: ServiceRecord): Promise<void> {
    const peerId = readPeerId(record.peerId)?.peerId
    if (!peerId || peerId.equals(net.peerId) || net.getConnections(peerId).length > 0) return
    const addresses = readAddresses(record.multiaddrs, peerId)
    if (addresses.length === 0) return
    try {
      const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(config.dialTimeoutMs)])
      await net.dial(addresses, { signal })
      log.info({ operatorId: record.operatorId, peerId: peerId.toString() }, 'Connected with a node')
    } catch (err) {
      log.debug({ err, operatorId: record.operatorId }, 'Could not reach a node')
    }
  }

  async function look(): Promise<void> {
    const services = await deps.registry.read()
    await announce(services).catch((err: unknown) =>
      log.warn({ err }, 'Could not announce this node; trying again'),
    )
    const records = trusted(services)
    operators = new Set(records.flatMap(({ peerId }) => readPeerId(peerId)?.peerId.toString() ?? []))
    await Promise.all(records.slice(0, config.maxPeers).map(dial))
  }

  async function run(): Promise<void> {
    while (!abort.signal.aborted) {
      await look().catch((err: unknown) =>
        log.warn({ err }, 'Could not read the service registry; trying again'),
      )
      await sleep(config.intervalMs, undefined, { signal: abort.signal }).catch(() => {})
    }
  }

  return {
    look,
    isOperator: (peerId) => operators.has(peerId),
    start: () => void (loop ??= run()),
    async stop() {
      abort.abort()
      await loop
    },
  }
}

/** Addresses from outside: those that can't be parsed, or that end in another peer, are left out. */
function readAddresses(texts: readonly string[], peerId: PeerId): Multiaddr[] {
  return texts.flatMap((text) => {
    try {
      const address = multiaddr(text)
      const named = address.getComponents().find(({ name }) => name === 'p2p')?.value
      if (named !== undefined && named !== peerId.toString()) return []
      return [named === undefined ? address.encapsulate(`/p2p/${peerId.toString()}`) : address]
    } catch {
      return []
    }
  })
}

function sameRecord(known: ServiceRecord, own: Omit<ServiceRecord, 'node'>): boolean {
  return (
    Buffer.compare(known.peerId, own.peerId) === 0 &&
    known.services === own.services &&
    known.clusterId === own.clusterId &&
    known.priceHint === own.priceHint &&
    [...known.multiaddrs].sort().join(' ') === [...own.multiaddrs].sort().join(' ')
  )
}
