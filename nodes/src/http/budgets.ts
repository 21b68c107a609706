import { z } from 'zod'

const Limit = z.number().nullable().describe('null for none')
const Line = z.strictObject({
  limit: Limit.describe('Bytes a second; null for none'),
  total: z.int().describe('Bytes since the start'),
  perSecond: z.number().describe('Bytes a second of late'),
})

/** The budgets of a node, and what is used of them. */
export const BudgetsOut = z
  .strictObject({
    upload: Line,
    download: Line,
    disk: z.strictObject({
      limit: Limit,
      used: z.int().describe('Bytes of the data folder'),
      free: z.number().describe('Bytes of its file system'),
      refused: z.int().describe('Messages refused for lack of room since the start'),
    }),
    connections: z.strictObject({ limit: z.int(), open: z.int() }),
    proofs: z.strictObject({
      cores: Limit,
      usedSeconds: z.number().describe('Seconds of a core since the start'),
    }),
    notForwarded: z
      .strictObject({ lasting: z.int(), ephemeral: z.int() })
      .describe('Messages kept and served, but not sent on for lack of upload'),
  })
  .meta({ id: 'Budgets' })
