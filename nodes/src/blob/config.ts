import { z } from 'zod'
import { ServeConfig } from '../net/index.ts'

/** Chunks that are kept for a paid time. Without a price for `blob-day` anybody may fill `maxBytes`. */
export const BlobConfig = ServeConfig.extend({
  /** Bytes of blobs that are kept at most; indexes come on top, and the budget of the disk holds besides. */
  maxBytes: z
    .int()
    .nonnegative()
    .default(1024 * 1024 * 1024),
  /** Days from now for which anything is kept at most. */
  maxDays: z.int().positive().max(3_650).default(365),
  /** Milliseconds between two looks for what is over. */
  everyMs: z.int().positive().default(60_000),
})
export type BlobConfig = z.output<typeof BlobConfig>
