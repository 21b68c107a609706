import { z } from 'zod'

/** Where the node answers its operator. Loopback by default: nothing here asks who is calling. */
export const ApiConfig = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  /** 0 takes any free port. */
  port: z.int().min(0).max(65_535).default(0),
})
export type ApiConfig = z.output<typeof ApiConfig>
