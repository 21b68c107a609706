import type { Logger } from 'pino'
import { abis, announceArgs, type ServiceRecord } from '@teahouse/protocol/chain'
import type { Address } from 'viem'
import type { Sender } from '../chain/sender.ts'
import type { Net } from '../net/index.ts'
import { readAddresses } from './addresses.ts'
import type { Candidate } from './candidates.ts'
import type { DiscoveryConfig } from './config.ts'
import { readPeerId } from './peer-address.ts'
import type { CheckedService, RegistryReader } from './registry-reader.ts'
import type { Source } from './source.ts'

/** Multiaddrs that the registry takes at most in one record. */
const MAX_MULTIADDRS = 16

export interface RegistrySourceDeps {
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

/** Where the node of a registered operator is. */
export interface OperatorNode extends Candidate {
  readonly operatorId: number
}

export interface RegistrySource extends Source {
  /** Whether a peer is the node of a registered operator, by the last look. */
  isOperator(peerId: string): boolean
  /** The nodes of registered operators, by the last look. */
  operators(): readonly OperatorNode[]
  /** Takes the announcement of this node back, and makes no new one. Throws what reading and sending throws. */
  retire(): Promise<void>
}

/** The service registry on chain: who is a registered operator. Announces this node too. */
export function registrySource(
  config: Pick<DiscoveryConfig, 'announce' | 'intervalMs'>,
  deps: RegistrySourceDeps,
): RegistrySource {
  const { net, sender, own, log } = deps
  const faults = new Map<number, string>()
  let operators: readonly OperatorNode[] = []
  let peerIds: ReadonlySet<string> = new Set()
  let isRetired = false

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
    if (!config.announce || own.operatorId === 0 || isRetired) return
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

  return {
    name: 'registry',
    everyMs: config.intervalMs,
    async find() {
      const services = await deps.registry.read()
      await announce(services).catch((err: unknown) =>
        log.warn({ err }, 'Could not announce this node; trying again'),
      )
      operators = trusted(services).flatMap(toCandidate)
      peerIds = new Set(operators.map(({ peerId }) => peerId.toString()))
      return operators
    },
    isOperator: (peerId) => peerIds.has(peerId),
    operators: () => operators,
    async retire() {
      isRetired = true
      const services = await deps.registry.read()
      if (!services.some(({ record }) => record.operatorId === own.operatorId)) return
      const { functionName, args } = { functionName: 'retire', args: [own.operatorId] }
      await sender.send({ address: deps.serviceRegistry, abi: abis.ServiceRegistry, functionName, args })
      log.info({ operatorId: own.operatorId }, 'Took the announcement of this node back')
    },
  }
}

function toCandidate({ operatorId, peerId: bytes, multiaddrs }: ServiceRecord): OperatorNode[] {
  const peerId = readPeerId(bytes)?.peerId
  return peerId === undefined ? [] : [{ operatorId, peerId, addresses: readAddresses(multiaddrs, peerId) }]
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
