import { z } from 'zod'
import { ServeConfig } from '../net/index.ts'

/** Dialling peers back, so that they know whether they are reached. */
export const DialBackConfig = z.strictObject({
  ...ServeConfig.shape,
  /** Bytes of the largest request. */
  maxRequestBytes: z
    .int()
    .positive()
    .default(4 * 1024),
  /** Milliseconds that one address has. */
  dialTimeoutMs: z.int().positive().default(4_000),
  /** Requests of one network (/24, /48 of IPv6) a minute, and at once. */
  perMinute: z.number().positive().default(6),
  burst: z.int().positive().default(3),
})
export type DialBackConfig = z.output<typeof DialBackConfig>

/** Addresses in one request. */
export const MAX_ADDRESSES = 8
