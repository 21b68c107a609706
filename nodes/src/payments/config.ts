import { z } from 'zod'

/** In the token's smallest unit; as a decimal string, since JSON's numbers end at 2^53. */
const Amount = z
  .union([z.string().regex(/^\d{1,38}$/, 'not a decimal number of at most 38 digits'), z.int().nonnegative()])
  .transform(BigInt)

/** Services that cost something, by the name under which an offer lists them. */
export const SERVICES = ['store-query', 'lightpush', 'member', 'chain-answer', 'relay-transaction'] as const
export type PaidService = (typeof SERVICES)[number]

/** Prices in the token's smallest unit a request; a service without a price is free. */
export const PaymentsConfig = z.strictObject({
  prices: z.partialRecord(z.enum(SERVICES), Amount).default({}),
  /** Requests a peer has free in each window, for every priced service. */
  freeQuota: z.int().min(0).default(10),
  quotaWindowSeconds: z.int().positive().default(60),
  /** Peers whose free use is remembered; beyond that the longest unseen one is forgotten. */
  quotaPeers: z.int().positive().default(10_000),
  offerValidSeconds: z.int().positive().default(3_600),
  settleEveryMs: z.int().positive().default(60_000),
  /** Below this amount a voucher waits; a closing channel is collected at any amount. */
  minimumSettlement: Amount.default(1n),
  requestTimeoutMs: z.int().positive().default(10_000),
  maxInboundStreams: z.int().positive().default(64),
})
export type PaymentsConfig = z.output<typeof PaymentsConfig>
