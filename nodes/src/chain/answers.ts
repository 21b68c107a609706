import { RpcRequestError, type Hex } from 'viem'
import { z } from 'zod'
import type { BlockRef } from './head.ts'

/**
 * What the node takes from answers of an endpoint, and nothing else: two answers are the same if these fields are. Clients differ in the
 * fields that they add and in how they write addresses.
 */
const hex = z
  .string()
  .regex(/^0x[0-9a-f]*$/i)
  .transform((text) => text.toLowerCase() as Hex)
export const Quantity = hex.refine((text) => text.length > 2 && text.length <= 66)
const Hash = hex.refine((text) => text.length === 66)

export const Data = hex

export const RawBlock = z
  .object({
    number: Quantity,
    hash: Hash,
    parentHash: Hash,
    timestamp: Quantity,
    baseFeePerGas: Quantity.nullish().transform((fee) => fee ?? undefined),
  })
  .nullable()
export type RawBlock = z.output<typeof RawBlock>

const RawLog = z.object({
  address: hex,
  topics: z.array(Hash),
  data: hex,
  blockNumber: Quantity,
  blockHash: Hash,
  transactionHash: Hash,
  transactionIndex: Quantity,
  logIndex: Quantity,
})
export const RawLogs = z.array(RawLog)

export const RawReceipt = z
  .object({
    transactionHash: Hash,
    transactionIndex: Quantity,
    blockHash: Hash,
    blockNumber: Quantity,
    from: hex,
    to: hex.nullable(),
    status: Quantity,
    gasUsed: Quantity,
    logs: RawLogs,
  })
  .nullable()

export const RawTransaction = z.object({ hash: Hash, from: hex, to: hex.nullable(), input: hex }).nullable()

/** The header of a block as the node follows it. */
export function toRef({ number, hash, parentHash, timestamp }: NonNullable<RawBlock>): BlockRef {
  return { number: BigInt(number), hash, parentHash, timestamp: Number(timestamp) }
}

/** What tells one block from another, and one telling of it from another. */
export function blockKey({ number, hash, parentHash, timestamp }: BlockRef): string {
  return `${number} ${hash} ${parentHash} ${timestamp}`
}

/** A contract's refusal, in the form in which endpoints can be compared; undefined for any other failure. */
export function revertKey(err: unknown): string | undefined {
  if (!(err instanceof RpcRequestError)) return undefined
  const { code, message, data } = err as { code: number; message: string; data?: unknown }
  const nested = typeof data === 'object' && data !== null ? (data as { data?: unknown }).data : data
  const found = typeof nested === 'string' && nested.startsWith('0x') ? nested.toLowerCase() : ''
  return found !== '' || code === 3 || /revert/i.test(message) ? `revert ${found}` : undefined
}
