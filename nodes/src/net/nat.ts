import { autoNAT } from '@libp2p/autonat'
import { circuitRelayServer, type CircuitRelayService } from '@libp2p/circuit-relay-v2'
import { dcutr } from '@libp2p/dcutr'
import { z } from 'zod'

/** Being reached behind a NAT, and helping others to be. docs/networking.md says what for. */
export const NatConfig = z.strictObject({
  /** Asks peers whether they reach this node's addresses, and answers them (`/libp2p/autonat/1.0.0`). */
  autonat: z.boolean().default(true),
  /** Makes a direct connection out of a relayed one where the NATs allow it (`/libp2p/dcutr`). */
  holePunching: z.boolean().default(true),
  /** Milliseconds between two looks at the relays that this node listens on. */
  relayCheckMs: z.int().min(100).default(10_000),
  /** Relaying for others (`/libp2p/circuit/relay/0.2.0`), for a node that is reached by all. It costs bandwidth: off by default. */
  relay: z
    .strictObject({
      enabled: z.boolean().default(false),
      /** Peers that may be reached over this node at a time; further ones are refused. */
      maxReservations: z.int().positive().default(64),
      /** Milliseconds that a place is kept without being renewed. */
      reservationMs: z.int().min(60_000).default(3_600_000),
      /** Milliseconds, and bytes in both directions together, after which one relayed connection is cut. */
      maxConnectionMs: z.int().positive().default(600_000),
      maxConnectionBytes: z
        .int()
        .positive()
        .default(16 * 1024 * 1024),
      /** Connections that are relayed to one peer at a time. */
      maxConnectionsEach: z.int().positive().default(32),
    })
    .prefault({}),
})
export type NatConfig = z.output<typeof NatConfig>

/** Only for a host that relays for others. */
export type RelayService = { relay?: CircuitRelayService }

/** The services of a host for NAT. */
export function natServices({ autonat, holePunching, relay }: NatConfig) {
  return {
    ...(autonat && { autonat: autoNAT() }),
    ...(holePunching && { dcutr: dcutr() }),
    ...(relay.enabled && {
      relay: circuitRelayServer({
        maxOutboundStopStreams: relay.maxConnectionsEach,
        reservations: {
          maxReservations: relay.maxReservations,
          reservationTtl: relay.reservationMs,
          defaultDurationLimit: relay.maxConnectionMs,
          defaultDataLimit: BigInt(relay.maxConnectionBytes),
        },
      }),
    }),
  }
}
