import { z } from 'zod'

/** Connections that may be open beyond `maxConnections` while room is made for them. */
export const HEADROOM = 32

/** How many connections a node takes, and how fast. */
export const LimitsConfig = z.strictObject({
  /** Open connections, in and out. A newcomer beyond takes the place of one that is of little use: room.ts. */
  maxConnections: z.int().positive().default(300),
  /**
   * New connections a second from one IP address; further ones are refused. The library's default of 5 shuts out people who share
   * an address: behind a carrier's NAT, in an office, and everybody behind a proxy on the node's own machine.
   */
  connectionsPerSecond: z.int().positive().default(50),
  /** Milliseconds that a newcomer has for its handshakes: four round trips, of which some are lost on a slow line. */
  handshakeMs: z.int().positive().default(8_000),
  /**
   * Newcomers in their handshakes at a time; further ones are refused. More than `connectionsPerSecond` in `handshakeMs`, so that one
   * address that never ends its handshakes can't take all places.
   */
  maxHandshakes: z.int().positive().default(512),
})
export type LimitsConfig = z.output<typeof LimitsConfig>

/** The limits as libp2p's connection manager takes them. */
export function connectionLimits(config: LimitsConfig) {
  return {
    maxConnections: config.maxConnections + HEADROOM,
    inboundConnectionThreshold: config.connectionsPerSecond,
    inboundUpgradeTimeout: config.handshakeMs,
    maxIncomingPendingConnections: config.maxHandshakes,
  }
}
