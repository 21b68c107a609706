import { z } from 'zod'
import { readPeerAddress } from './addresses.ts'

/** How a node may hear of others; in the order in which their addresses are tried. */
export const SOURCES = ['registry', 'bootstrap', 'known', 'exchange', 'rendezvous', 'kademlia'] as const
export type SourceName = (typeof SOURCES)[number]

/** Finding other nodes. What each source is trusted with: docs/discovery.md. */
export const DiscoveryConfig = z.strictObject({
  /** Where to look. A node without `kademlia` takes no part in the table; one without `registry` does not announce itself there. */
  sources: z.array(z.enum(SOURCES)).default([...SOURCES]),
  /** Multiaddrs with the peer id at their end, dialled at the start and while there are fewer than `minPeers`. */
  bootstrap: z
    .array(
      z.string().refine((text) => readPeerAddress(text), 'Not a multiaddr that ends in /p2p/ and a peer id'),
    )
    .default([]),
  /** Milliseconds between two looks at the registry and at the connections. */
  intervalMs: z.int().min(100).default(5_000),
  /** Milliseconds after which a peer, or the table, is asked again for other peers. */
  askMs: z.int().min(100).default(60_000),
  dialTimeoutMs: z.int().positive().default(5_000),
  /** Milliseconds until a peer that could not be reached is tried again; doubled each time, up to `maxBackoffMs`. */
  backoffMs: z.int().positive().default(5_000),
  maxBackoffMs: z.int().positive().default(600_000),
  /** Nodes to stay connected with; the ones beyond are not dialled. */
  maxPeers: z.int().positive().default(50),
  /** Connections up to which nodes are dialled that are not registered; no source brings more than half of them. */
  targetPeers: z.int().positive().default(20),
  /** Connections below which the bootstrap list is dialled. */
  minPeers: z.int().positive().default(3),
  /** Nodes that are not registered to dial in one network (/24, /48 of IPv6). */
  maxPeersPerNetwork: z.int().positive().default(4),
  /** Whether to dial private and loopback addresses that strangers tell; unset: if this node has no other itself. */
  privateAddresses: z.boolean().optional(),
  /** Whether this node announces itself when its addresses differ from what the registry has. */
  announce: z.boolean().default(true),
})
export type DiscoveryConfig = z.output<typeof DiscoveryConfig>
