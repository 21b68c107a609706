import { z } from 'zod'

/** How the node comes to know the members, and how it keeps them. */
export const MembershipConfig = z.strictObject({
  /** A snapshot of a node's data folder, or as it was downloaded, for a node that knows nothing yet. */
  snapshotFile: z.string().min(1).optional(),
  /**
   * Multiaddrs with peer id of nodes from which to load a snapshot at the first start. Three or more: one gives it, two
   * others have to have signed the same root; with fewer, all of it is rehashed before it is used.
   */
  snapshotPeers: z.array(z.string().startsWith('/')).max(16).default([]),
  /** Largest snapshot to load, in bytes; 2^20 members have one of about 134 MB. */
  maxSnapshotBytes: z
    .int()
    .positive()
    .default(512 * 1024 * 1024),
  /** A snapshot is written after this many changes, or an eighth of all if that is more; and when the node stops. */
  snapshotEveryChanges: z.int().positive().default(1_024),
  /** How far back the node remembers which roots were valid, in seconds: older messages under a replaced root can't be checked. */
  rootHistorySeconds: z.int().min(0).default(172_800),
  /** Milliseconds that one request to another node may take. */
  requestTimeoutMs: z.int().positive().default(30_000),
})
export type MembershipConfig = z.output<typeof MembershipConfig>
