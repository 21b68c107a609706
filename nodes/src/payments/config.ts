import { z } from 'zod'

/** In the token's smallest unit; as a decimal string, since JSON's numbers end at 2^53. */
const Amount = z
  .union([z.string().regex(/^\d{1,38}$/, 'not a decimal number of at most 38 digits'), z.int().nonnegative()])
  .transform(BigInt)

/** Services that cost something, by the name under which an offer lists them. */
export const SERVICES = [
  'store-query',
  'store-kilobyte',
  'lightpush',
  'proof',
  'member',
  'blob-day',
  'blob-get',
  'chain-answer',
  'relay-transaction',
] as const
export type PaidService = (typeof SERVICES)[number]

const Count = z.int().min(0).max(0xffff_ffff)

/** What holds for one service; docs/wire/pay.md says what a unit of it is. */
const ServiceTerms = z.strictObject({
  /** Instead of the common ones. */
  freeQuota: Count.optional(),
  quotaWindowSeconds: Count.positive().optional(),
  memberQuota: Count.optional(),
  /** Units that a peer may have in a window, paid ones too; 0 without a limit. */
  maxUnits: Count.default(0),
  /** Bytes of one unit at most; 0 if only the protocol limits them. */
  maxBytes: Count.default(0),
})

/** Prices in the token's smallest unit a request; a service without a price is free. */
export const PaymentsConfig = z.strictObject({
  prices: z.partialRecord(z.enum(SERVICES), Amount).default({}),
  /** What differs from service to service. */
  terms: z.partialRecord(z.enum(SERVICES), ServiceTerms).default({}),
  /** Requests a peer has free in each window, for every priced service. */
  freeQuota: z.int().min(0).default(10),
  quotaWindowSeconds: z.int().positive().default(60),
  /**
   * Units of every priced service that a proof by one of those who name this operator as their home has free in a day (UTC), beyond
   * what peers have; 0 for none. Of `blob-day` none, unless its terms say so.
   */
  memberQuota: Count.default(1_000),
  /** Proofs of one membership that are taken a day; each has a quota. */
  memberProofsADay: z.int().min(1).max(65_535).default(1),
  /** Peers whose free use is remembered; beyond that the longest unseen one is forgotten. */
  quotaPeers: z.int().positive().default(10_000),
  offerValidSeconds: z.int().positive().default(3_600),
  settleEveryMs: z.int().positive().default(60_000),
  /** Below this amount a voucher waits; a closing channel is collected at any amount. */
  minimumSettlement: Amount.default(1n),
  /**
   * What a coin of the chain (10^18 wei) is worth, in the token's smallest unit: nothing is collected that is worth less than its gas; and
   * what can wait waits until it is worth `settlementFactor` times that, so also until gas is cheaper. A node does not know the price of
   * coins. Without it a coin counts as 10,000 tokens, more than it is likely to be worth, so that the node collects late rather than at a
   * loss; on the local chain, and with 0, gas is not looked at.
   */
  coinValue: Amount.optional(),
  settlementFactor: z.int().min(1).default(20),
  requestTimeoutMs: z.int().positive().default(10_000),
  maxInboundStreams: z.int().positive().default(64),
})
export type PaymentsConfig = z.output<typeof PaymentsConfig>
