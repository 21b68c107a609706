import { availableParallelism } from 'node:os'
import { z } from 'zod'

/** How proofs are verified: on how many threads, in which batches, and how much may wait. */
export const VerifierConfig = z.strictObject({
  /** Worker threads; one core is left for everything else. */
  threads: z
    .int()
    .min(1)
    .max(64)
    .default(() => Math.max(1, availableParallelism() - 1)),
  /** Most proofs that one equation joins. */
  maxBatch: z.int().min(1).max(128).default(64),
  /** Most proofs in a batch of peers that are not trusted yet, or no longer: what one bad proof makes dear. */
  maxUntrustedBatch: z.int().min(1).max(128).default(8),
  /** Milliseconds that a proof waits for company while a thread is idle. */
  lingerMs: z.int().min(0).max(100).default(2),
  /** Proofs that may wait, of one peer and of all; the rest is answered OVERLOADED. */
  maxWaitingPerPeer: z.int().positive().default(256),
  maxWaiting: z.int().positive().default(2_048),
  /** Milliseconds after which a thread that has not answered is replaced. */
  batchTimeoutMs: z.int().positive().default(20_000),
})
export type VerifierConfig = z.output<typeof VerifierConfig>
