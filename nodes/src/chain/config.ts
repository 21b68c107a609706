import { z } from 'zod'

/** How the node talks to its chain. Times in milliseconds, `blockRange` in blocks a log query. */
export const ChainConfig = z.strictObject({
  pollMs: z.int().min(50).default(1_000),
  timeoutMs: z.int().positive().default(5_000),
  /** How often one endpoint is asked again after a connection that failed. */
  retries: z.int().min(0).default(2),
  startTimeoutMs: z.int().min(0).default(30_000),
  blockRange: z.int().min(1).default(2_000),
  /**
   * RPC endpoints that must say the same before it counts; more than half of `rpcUrls` unless set. Half or fewer is failover
   * without protection: endpoints that lie can then outvote those that do not.
   */
  quorum: z.int().min(1).optional(),
  /** Blocks that an endpoint may be behind the block on which the quorum agrees. */
  maxLagBlocks: z.int().min(0).default(32),
  /** How long an endpoint that fails is left alone: at first, and at most, since each further failure doubles it. */
  setAsideMs: z.int().positive().default(2_000),
  setAsideMaxMs: z.int().positive().default(300_000),
  /** The block in which the contracts were deployed; nothing before it is read. */
  fromBlock: z.int().min(0).default(0),
  /** Headers kept and followed one by one behind the head; a longer reorganisation means a full read. */
  tailBlocks: z.int().min(1).default(512),
  /** Milliseconds without an answer after which `/health` says that the chain is away. */
  awayAfterMs: z.int().positive().default(10_000),
  /** Blocks on top of one after which nothing is undone any more; until then what was collected or slashed is looked at again. */
  confirmations: z.int().min(0).max(1_024).default(12),
  receiptTimeoutMs: z.int().positive().default(60_000),
  /** Milliseconds after which a transaction of the node that is not mined is replaced by one that offers more. */
  replaceAfterMs: z.int().positive().default(20_000),
})
export type ChainConfig = z.output<typeof ChainConfig>

/** More than half. */
export const majorityOf = (endpoints: number): number => Math.floor(endpoints / 2) + 1
