import { z } from 'zod'
import { ServeConfig } from '../net/index.ts'

/** Signals that wake devices: free of charge, so all of it has a limit. */
export const WakeConfig = ServeConfig.extend({
  /** Off: nobody can subscribe, and nothing is sent. */
  enabled: z.boolean().default(true),
  /** Endpoints in all. */
  maxEndpoints: z.int().positive().default(10_000),
  /** Days for which an endpoint is kept, at most. */
  maxDays: z.int().positive().max(30).default(7),
  /** Milliseconds between two signals to one endpoint, at least. */
  everyMs: z.int().positive().default(60_000),
  /** Milliseconds that a signal waits, at most: a random part of it, so that its time says less of which message it was for. */
  delayMs: z.int().nonnegative().default(15_000),
  /** Signals under way at a time; what is beyond is left out. */
  atOnce: z.int().positive().default(32),
  signalTimeoutMs: z.int().positive().default(10_000),
  /** Milliseconds for which all signals to an endpoint have failed before it is forgotten. */
  failingMs: z.int().positive().default(86_400_000),
  /** How to reach the operator, for push services: a mailto: or https: URL (RFC 8292, 2.1). */
  contact: z.string().max(200).optional(),
  /** Subscriptions a second of one group of addresses, and how many may come at once. */
  requestsPerSecond: z.number().positive().default(0.1),
  requestsAtOnce: z.int().positive().default(20),
  /** Also over HTTP and at private addresses. Whoever may subscribe can then have the node call whatever it reaches: for tests only. */
  allowPrivate: z.boolean().default(false),
})
export type WakeConfig = z.output<typeof WakeConfig>
