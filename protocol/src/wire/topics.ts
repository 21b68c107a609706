import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { WireError } from './errors.ts'

/** The parts of `/[generation/]application/version/name/encoding` (23/WAKU2-TOPICS). */
export interface ContentTopic {
  readonly generation: 0
  readonly application: string
  readonly version: string
  readonly name: string
  readonly encoding: string
}

/** The parts of `/waku/2/rs/<cluster>/<shard>`. */
export interface Shard {
  readonly clusterId: number
  readonly shard: number
}

/** Parses a content topic. Throws WireError `INVALID_TOPIC`; generations above 0 are not defined yet. */
export function parseContentTopic(topic: string): ContentTopic {
  const [start, ...parts] = topic.split('/')
  if (parts.length === 5 && parts.shift() !== '0') throw invalid(topic)
  const [application, version, name, encoding] = parts
  if (start !== '' || parts.length !== 4 || !application || !version || !name || !encoding)
    throw invalid(topic)
  return { generation: 0, application, version, name, encoding }
}

/**
 * The shard of a content topic among `shardCount`, by Waku's autosharding: the last 8 bytes, big-endian, of
 * sha256(application ‖ version), modulo the count. Throws WireError `INVALID_TOPIC`.
 */
export function shardOf(contentTopic: string, shardCount: number): number {
  const { application, version } = parseContentTopic(contentTopic)
  const hash = sha256(concatBytes(utf8ToBytes(application), utf8ToBytes(version)))
  const tail = new DataView(hash.buffer, hash.byteOffset + hash.byteLength - 8, 8).getBigUint64(0)
  return Number(tail % BigInt(shardCount))
}

/** The pubsub topic of a shard. */
export function pubsubTopic(clusterId: number, shard: number): string {
  return `/waku/2/rs/${clusterId}/${shard}`
}

/** The pubsub topic that a content topic is sharded to. Throws WireError `INVALID_TOPIC`. */
export function pubsubTopicOf(contentTopic: string, clusterId: number, shardCount: number): string {
  return pubsubTopic(clusterId, shardOf(contentTopic, shardCount))
}

/** Parses a pubsub topic; both numbers fit 16 bits. Throws WireError `INVALID_TOPIC`. */
export function parsePubsubTopic(topic: string): Shard {
  const match = /^\/waku\/2\/rs\/(0|[1-9]\d{0,4})\/(0|[1-9]\d{0,4})$/.exec(topic)
  const clusterId = Number(match?.[1] ?? Number.NaN)
  const shard = Number(match?.[2] ?? Number.NaN)
  if (!(clusterId <= 0xffff && shard <= 0xffff)) throw invalid(topic)
  return { clusterId, shard }
}

function invalid(topic: string): WireError {
  return new WireError(`Not a valid topic: ${JSON.stringify(topic.slice(0, 100))}`, {
    code: 'INVALID_TOPIC',
    topic,
  })
}
