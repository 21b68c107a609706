import { z } from 'zod'
import { ServeConfig } from '../net/index.ts'

/** Leases of message ids: free of charge, so all of it has a limit. */
export const LeaseConfig = ServeConfig.extend({
  /** Keys of one epoch in all; a member has three. About 200 bytes each on disk. */
  keysPerEpoch: z.int().positive().default(262_144),
  /** New keys of one epoch that one peer may bring. */
  keysPerPeer: z.int().positive().default(64),
  /**
   * New keys of one epoch from one group of addresses: an IPv4 /24, an IPv6 /48; four times as many from an IPv6 /32. Fewer
   * where it would be more than a sixteenth of what is left of the epoch's.
   */
  keysPerAddress: z.int().positive().default(16_384),
  /** Requests a second of one group of addresses, and how many may come at once. */
  requestsPerSecond: z.number().positive().default(50),
  requestsAtOnce: z.int().positive().default(500),
})
export type LeaseConfig = z.output<typeof LeaseConfig>
