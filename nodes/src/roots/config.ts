import { z } from 'zod'
import { ServeConfig } from '../net/index.ts'

/** The signed root of each hour of the archive. */
export const RootsConfig = ServeConfig.extend({
  /** Whether to sign roots; a node without an operator id signs none. Those that were signed are served in any case. */
  enabled: z.boolean().default(true),
  /** Seconds from the end of an hour until its root, for what is on its way or comes by a sync. Whoever starts waits as long. */
  graceSeconds: z.int().min(60).default(600),
  /** The most that a wrong root costs this operator, in the token's smallest unit; clients believe no more than is at stake. */
  liability: z
    .union([
      z.string().regex(/^\d{1,38}$/, 'not a decimal number of at most 38 digits'),
      z.int().nonnegative(),
    ])
    .transform(BigInt)
    .default(1_000_000n),
  /** Days for which the hashes of an hour are kept, for proofs. The root itself is never forgotten. */
  proofDays: z.int().positive().default(30),
  /** Milliseconds between two looks for an hour whose time has come. */
  everyMs: z.int().positive().default(15_000),
})
export type RootsConfig = z.output<typeof RootsConfig>
