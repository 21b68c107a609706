import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { ChatError } from './errors.ts'

/**
 * How many buckets each kind of topic has, as powers of two. Everybody on a network uses the same numbers: they stand in
 * the topics. docs/adr/0033-conversations.md has the reasons and a table by size of the network.
 * Each is 0 to 16; any other is a ChatError BAD_LEVEL.
 */
export interface TopicLevels {
  /** Where strangers write first, and a friend after a long silence. */
  readonly inbox: number
  /** Where devices publish their prekey bundles. */
  readonly bundles: number
  /** Where conversations go on. */
  readonly conversations: number
}

export const DEFAULT_LEVELS: TopicLevels = { inbox: 6, bundles: 9, conversations: 10 }

/** 16 bits: a bucket is read off the first two bytes of a hash. */
const MAX_LEVEL = 16
const DAY_MS = 86_400_000
const DOMAIN = utf8ToBytes('teahouse/chat/topics/1')

/** The letter that begins each kind's topics; it says no more than the level that follows. */
const KINDS = { inbox: 'a', bundles: 'b', conversations: 'c', backups: 'd' } as const

/**
 * The content topic of a bucket, such as `/c2f1/10/m/bin`. The bucket stands in the place of the application, because
 * autosharding goes by application and version: so buckets of one kind spread over all shards.
 */
function topicOf(kind: keyof typeof KINDS, bucket: number, level: number): string {
  return `/${KINDS[kind]}${bucket.toString(16)}/${level}/m/bin`
}

function bucketOf(hash: Uint8Array, level: number): number {
  if (!Number.isInteger(level) || level < 0 || level > MAX_LEVEL)
    throw new ChatError(`A level is 0 to ${MAX_LEVEL}`, { code: 'BAD_LEVEL', level })
  const [high = 0, low = 0] = hash
  return ((high << 8) | low) >> (MAX_LEVEL - level)
}

/** The bucket of a hash (2 bytes or more). */
export const bucketTopic = (kind: keyof typeof KINDS, hash: Uint8Array, level: number): string =>
  topicOf(kind, bucketOf(hash, level), level)

const keyTopic = (kind: 'inbox' | 'bundles', chatKey: Uint8Array, level: number): string =>
  bucketTopic(kind, sha256(concatBytes(DOMAIN, utf8ToBytes(kind), chatKey)), level)

/** Where a chat identity (32 bytes) is written to by those who don't share a secret with it. */
export function inboxTopic(chatKey: Uint8Array, levels: TopicLevels = DEFAULT_LEVELS): string {
  return keyTopic('inbox', chatKey, levels.inbox)
}

/** Where the devices of a chat identity publish their prekey bundles. */
export function bundlesTopic(chatKey: Uint8Array, levels: TopicLevels = DEFAULT_LEVELS): string {
  return keyTopic('bundles', chatKey, levels.bundles)
}

/** The day of a moment (milliseconds since 1970), in UTC. */
export const dayOf = (ms: number): number => Math.floor(ms / DAY_MS)

/** When a day begins, in milliseconds since 1970. */
export const startOfDay = (day: number): number => day * DAY_MS

/**
 * Where a pair of accounts talks on one day: a bucket that only those can tell who know the pair's secret (32 bytes).
 * Two days of one pair have nothing in common.
 */
export function conversationTopic(
  pairSecret: Uint8Array,
  day: number,
  levels: TopicLevels = DEFAULT_LEVELS,
): string {
  const key = hkdf(sha256, pairSecret, undefined, DOMAIN, 32)
  const hash = hmac(sha256, key, utf8ToBytes(String(day)))
  key.fill(0)
  return bucketTopic('conversations', hash, levels.conversations)
}
