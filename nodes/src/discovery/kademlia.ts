import { randomBytes } from 'node:crypto'
import {
  kadDHT,
  passthroughMapper,
  removePrivateAddressesMapper,
  type KadDHT,
  type KadDHTComponents,
} from '@libp2p/kad-dht'
import { BlackHoleDatastore } from 'datastore-core/black-hole'
import { PROTOCOLS } from '@teahouse/protocol/wire'
import { readAddresses } from './addresses.ts'
import type { Candidate } from './candidates.ts'
import type { Source } from './source.ts'

/** Milliseconds for one walk. */
const WALK_MS = 10_000
/** Nodes taken from one walk. */
const MAX_FOUND = 100

export interface Kademlia {
  /** The service of the libp2p host. */
  readonly service: (components: KadDHTComponents) => KadDHT
  readonly source: Source
}

/**
 * A Kademlia table of this network's nodes alone, and walks to random keys through it. It keeps no values and no
 * providers: whoever stores something in it stores nothing.
 */
export function kademlia({
  askMs,
  privateAddresses,
}: {
  readonly askMs: number
  /** Whether private addresses count: then the node answers queries even if it has no other. */
  readonly privateAddresses: boolean
}): Kademlia {
  let dht: KadDHT | undefined
  const create = kadDHT({
    protocol: PROTOCOLS.kademlia,
    peerInfoMapper: privateAddresses ? passthroughMapper : removePrivateAddressesMapper,
    // Otherwise it answers as soon as it has a public address.
    ...(privateAddresses ? { clientMode: false } : {}),
    maxInboundStreams: 8,
    alpha: 3,
  })
  return {
    // libp2p's components are no plain object: each is asked for by its name.
    service: (components) => {
      const { peerId, privateKey, registrar, addressManager, peerStore } = components
      const { connectionManager, events, logger, ping } = components
      const datastore = new BlackHoleDatastore()
      const own = { peerId, privateKey, registrar, addressManager, peerStore }
      return (dht = create({ ...own, connectionManager, datastore, events, logger, ping }))
    },
    source: { name: 'kademlia', everyMs: askMs, find: (signal) => walk(dht, signal) },
  }
}

async function walk(dht: KadDHT | undefined, stopping: AbortSignal): Promise<Candidate[]> {
  const found: Candidate[] = []
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(WALK_MS)])
  try {
    for await (const event of dht?.getClosestPeers(randomBytes(32), { signal }) ?? []) {
      if (event.name !== 'PEER_RESPONSE') continue
      for (const { id, multiaddrs } of event.closer) {
        const addresses = readAddresses(
          multiaddrs.map((address) => address.bytes),
          id,
        )
        found.push({ peerId: id, addresses })
      }
      if (found.length >= MAX_FOUND) break
    }
  } catch (err) {
    // A walk that took too long has still met nodes; one without anybody to ask waits for the next.
    if (!signal.aborted) throw err
  }
  return found.slice(0, MAX_FOUND)
}
