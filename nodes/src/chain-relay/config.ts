import { z } from 'zod'
import { ServeConfig } from '../net/index.ts'

/** In wei; as a decimal string, since JSON's numbers end at 2^53. */
const Wei = z
  .union([z.string().regex(/^\d{1,38}$/, 'not a decimal number of at most 38 digits'), z.int().nonnegative()])
  .transform(BigInt)

/** Signed answers about the chain, and transactions sent for people. */
export const ChainRelayConfig = ServeConfig.extend({
  /** Requests a second of one group of addresses, and how many may come at once. */
  requestsPerSecond: z.number().positive().default(50),
  requestsAtOnce: z.int().positive().default(2_000),
  /**
   * Requests to the chain that one question about events may take, each of `chain.blockRange` blocks; one that takes more is refused as too
   * large. Each counts as a request of whoever asks.
   */
  logRequests: z.int().positive().default(25),
  /** Questions are answered as of blocks that are so many behind the newest at most: what full nodes keep the state of. */
  maxAgeBlocks: z.int().min(1).default(120),
  /** Signed answers that are kept, to be given again. */
  keptAnswers: z.int().positive().default(1_000),
  /** Whether actions are sent for others at all. */
  relay: z.boolean().default(true),
  /** Actions an hour that one person, one peer, and one group of addresses may have sent. */
  actionsPerPerson: z.int().positive().default(20),
  actionsPerPeer: z.int().positive().default(20),
  actionsPerAddress: z.int().positive().default(60),
  /** What the node may spend in an hour, in wei, by the highest fees that its transactions allow. */
  coinPerHour: Wei.default(10n ** 16n),
  /** Gas that one action may use. An evaluator of a deal is asked with 500,000 or not at all. */
  maxGas: z.int().positive().default(900_000),
  /** An action whose deadline is nearer is not sent: it could be mined too late, at the node's cost. */
  marginSeconds: z.int().min(0).default(60),
  /** Actions that wait for their turn. */
  maxWaiting: z.int().positive().default(32),
  /** Milliseconds that an answer waits for the transaction to be signed. */
  answerMs: z.int().positive().default(4_000),
  /** Seconds for which whoever brought an action that failed on chain is refused. */
  cutOffSeconds: z.int().min(0).default(3_600),
})
export type ChainRelayConfig = z.output<typeof ChainRelayConfig>
