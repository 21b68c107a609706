import { z } from 'zod'

/** Finding other nodes by the service registry. */
export const DiscoveryConfig = z.strictObject({
  /** Milliseconds between two looks at the registry and at the connections. */
  intervalMs: z.int().min(100).default(5_000),
  dialTimeoutMs: z.int().positive().default(5_000),
  /** Nodes to stay connected with; the ones beyond are not dialled. */
  maxPeers: z.int().positive().default(50),
  /** Whether this node announces itself when its addresses differ from what the registry has. */
  announce: z.boolean().default(true),
})
export type DiscoveryConfig = z.output<typeof DiscoveryConfig>
