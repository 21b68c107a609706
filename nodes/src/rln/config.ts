import { z } from 'zod'
import { VerifierConfig } from './verifier/index.ts'

/** RLN validation and the node's own proofs. */
export const RlnConfig = z.strictObject({
  /** JSON file of the node's own membership; without it, messages pushed without a proof are refused. */
  identityFile: z.string().min(1).optional(),
  /** JSON file of the network's verification key, as snarkjs exports it; the committed development key without it. */
  verificationKeyFile: z.string().min(1).optional(),
  /** The id that key has to have; `teahouse node run` says the id of the one in use. */
  verificationKeyId: z
    .string()
    .regex(/^0x[0-9a-fA-F]{64}$/)
    .optional(),
  /** Share of the node's own limit that all peers together, and one peer alone, may use in an epoch (0–1). */
  proofShare: z.number().min(0).max(1).default(0.8),
  proofSharePerPeer: z.number().min(0).max(1).default(0.2),
  /** Epochs accepted before and after the node's own. */
  epochSlack: z.int().min(0).max(10).default(1),
  /** Messages whose timestamp is further from now than this are ignored; the archive keeps none beyond 20 s. */
  maxDriftSeconds: z.int().min(1).max(20).default(20),
  /** Blocks that a message with an unknown root waits for, and how many messages may wait at a time. */
  rootWaitBlocks: z.int().min(0).max(10).default(2),
  rootWaitMs: z.int().positive().default(5_000),
  rootWaiters: z.int().min(0).default(256),
  /** How proofs are verified. */
  verifier: VerifierConfig.prefault({}),
})
export type RlnConfig = z.output<typeof RlnConfig>
