import {
  MAX_CONTENT_TOPIC_BYTES,
  MESSAGE_HASH_BYTES,
  WireError,
  parsePubsubTopic,
} from '@teahouse/protocol/wire'
import { z } from 'zod'

const INT64_MAX = 2n ** 63n - 1n

export const Base64Text = z.string().meta({ format: 'byte', description: 'base64' })

/** Bytes in base64 (RFC 4648 §4), padded or not. */
export const Base64 = z
  .string()
  .refine(isBase64, 'not base64')
  .meta({ format: 'byte', description: 'base64' })
  .transform((text) => new Uint8Array(Buffer.from(text, 'base64')))

function isBase64(text: string): boolean {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return false
  return text.endsWith('=') ? text.length % 4 === 0 : text.length % 4 !== 1
}

/** Unix nanoseconds as an answer has them: an integer of up to 19 digits. Read it with a parser that keeps them all. */
export const Nanoseconds = z.bigint().meta({ description: 'Unix nanoseconds' })

/** Unix nanoseconds as they are taken: an integer, or its digits as a string, for languages whose numbers round it. */
export const NanosecondsIn = z
  .union([z.int(), z.bigint(), z.string().regex(/^-?\d{1,19}$/, 'not nanoseconds')])
  .transform((value) => BigInt(value))
  .refine((value) => value >= 0n && value <= INT64_MAX, 'not nanoseconds of 63 bits')
  .meta({ description: 'Unix nanoseconds, as an integer or as a string of its digits' })

/** Unix nanoseconds in a query string; nothing or 0 is no bound. */
export const NanosecondsQuery = z
  .string()
  .regex(/^\d{0,19}$/, 'not nanoseconds')
  .transform((digits) => (digits === '' || BigInt(digits) === 0n ? undefined : BigInt(digits)))
  .refine((value) => value === undefined || value <= INT64_MAX, 'not nanoseconds of 63 bits')

const HASH = /^(?:0x)?([0-9a-fA-F]{64})$/

export const HashText = z.string().regex(/^0x[0-9a-f]{64}$/)

/** A message hash: 64 hex digits, with or without 0x. */
export const Hash = z
  .string()
  .refine((text) => HASH.test(text), `not a hash of ${MESSAGE_HASH_BYTES} bytes in hex`)
  .transform((text) => new Uint8Array(Buffer.from(text.slice(-2 * MESSAGE_HASH_BYTES), 'hex')))

export function hashText(hash: Uint8Array): string {
  return `0x${Buffer.from(hash).toString('hex')}`
}

/** Its bytes and its form are for the protocol to check. */
export const ContentTopic = z.string().min(1).max(MAX_CONTENT_TOPIC_BYTES)

export const PubsubTopic = z.string().max(64).refine(isPubsubTopic, 'not /waku/2/rs/<cluster>/<shard>')

function isPubsubTopic(text: string): boolean {
  try {
    parsePubsubTopic(text)
    return true
  } catch (error) {
    if (error instanceof WireError) return false
    throw error
  }
}

/** `true` or `false` in a query string; nothing is undefined. */
export const Flag = z
  .enum(['true', 'false', ''])
  .transform((text) => (text === '' ? undefined : text === 'true'))

/** A list in a query string, separated by commas; nothing is an empty one. */
export function listOf<T extends z.ZodType<unknown, string>>(item: T, max: number) {
  return z
    .string()
    .transform((text) => (text === '' ? [] : text.split(',')))
    .pipe(z.array(item).max(max))
}
