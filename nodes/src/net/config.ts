import { z } from 'zod'
import { LimitsConfig } from './limits.ts'
import { NatConfig } from './nat.ts'
import { TlsConfig } from './tls.ts'

export const NetConfig = z.strictObject({
  /**
   * Multiaddrs to listen on: TCP; WebSocket with `/ws` at the end; secure WebSocket with `/tls/ws`, which needs `tls`; WebRTC for
   * browsers as `/ip4/…/udp/…/webrtc-direct`. Port 0 takes a free one. Behind a NAT: `/ip4/…/p2p/RELAY/p2p-circuit`.
   */
  listen: z.array(z.string()).default(['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws']),
  /** Multiaddrs to tell others instead of those listened on. */
  announce: z.array(z.string()).default([]),
  tls: TlsConfig.optional(),
  nat: NatConfig.prefault({}),
  ...LimitsConfig.shape,
  /** New streams a second on one mplex connection; js-waku opens a burst of them, the library's default is 5. */
  mplexStreamsPerSecond: z.int().positive().default(500),
  /** Invalid proofs of one peer in a minute after which it is disconnected, and milliseconds that it is refused then. */
  maxInvalidProofs: z.int().positive().default(10),
  refusalMs: z.int().positive().default(600_000),
})
export type NetConfig = z.output<typeof NetConfig>
