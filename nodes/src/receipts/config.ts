import { z } from 'zod'

/** What the node signs for what it keeps, and how it answers before the courts. */
export const CourtsConfig = z.strictObject({
  /** Whether to sign receipts; a node without an operator id, or without stake for promises, signs none. Challenges are answered in any case. */
  receipts: z.boolean().default(true),
  /**
   * The most that a fault of one receipt costs, in the token's smallest unit: stake ÷ liability receipts can run at once. Before it is changed,
   * stop the node cleanly; see docs/courts.md.
   */
  liability: z
    .union([z.string().regex(/^\d{1,38}$/, 'not a decimal number of at most 38 digits'), z.int().positive()])
    .transform(BigInt)
    .refine((liability) => liability > 0n, 'more than 0')
    .default(100_000n),
  /**
   * With a PostgreSQL archive several processes may have one node key, and each would pledge the same slots. Set it in one of them
   * to have that one sign receipts.
   */
  alone: z.boolean().default(false),
  /** Operator ids for whose nodes this one answers too, with content that it has or that other nodes give it. It pays the gas; the bond is theirs. */
  watchFor: z.array(z.int().positive()).max(256).default([]),
  /** Challenges that one transaction answers at most. */
  answersAtOnce: z.int().min(1).max(32).default(8),
})
export type CourtsConfig = z.output<typeof CourtsConfig>
