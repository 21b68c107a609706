import { concatBytes } from '@noble/hashes/utils.js'
import type { EnrPairs } from './enr.ts'

/** What a node offers: bits of the key `waku2` (31/WAKU2-ENR). */
export const CAPABILITIES = { relay: 1, store: 2, filter: 4, lightPush: 8, sync: 16 } as const

/** Shards that a list holds at most; more are a bit vector (51/WAKU2-RELAY-SHARDING). */
const MAX_LISTED_SHARDS = 63
const MAX_SHARDS = 1_024
const VECTOR_BYTES = MAX_SHARDS / 8

/** Cluster and shards of a node, as its record tells them. */
export interface RecordShards {
  readonly clusterId: number
  /** Each below 1,024. */
  readonly shards: readonly number[]
}

/** The pair of a record that tells cluster and shards: `rs`, a list, or `rsv`, a bit vector. */
export function shardsPair({ clusterId, shards }: RecordShards): [key: 'rs' | 'rsv', value: Uint8Array] {
  if (shards.length <= MAX_LISTED_SHARDS) {
    const list = shards.map(uint16)
    return ['rs', concatBytes(uint16(clusterId), Uint8Array.of(shards.length), ...list)]
  }
  const vector = new Uint8Array(VECTOR_BYTES)
  for (const shard of shards) vector[shard >> 3]! |= 1 << (shard & 7)
  return ['rsv', concatBytes(uint16(clusterId), vector)]
}

/** Cluster and shards by `rs`, or by `rsv`; undefined where neither tells them. */
export function shardsOf(pairs: EnrPairs): RecordShards | undefined {
  return listOf(pairs.get('rs')) ?? vectorOf(pairs.get('rsv'))
}

function listOf(value: Uint8Array | undefined): RecordShards | undefined {
  if (value === undefined || value.length < 3 || value.length !== 3 + 2 * value[2]!) return undefined
  const view = viewOf(value)
  const shards = Array.from({ length: value[2]! }, (_, at) => view.getUint16(3 + 2 * at))
  if (shards.some((shard) => shard >= MAX_SHARDS)) return undefined
  return { clusterId: view.getUint16(0), shards: [...new Set(shards)] }
}

function vectorOf(value: Uint8Array | undefined): RecordShards | undefined {
  if (value?.length !== 2 + VECTOR_BYTES) return undefined
  const all = Array.from({ length: MAX_SHARDS }, (_, shard) => shard)
  const shards = all.filter((shard) => (value[2 + (shard >> 3)]! >> (shard & 7)) & 1)
  return { clusterId: viewOf(value).getUint16(0), shards }
}

/** The value of `multiaddrs`: each binary multiaddr after its length, 2 bytes big-endian. */
export function joinMultiaddrs(multiaddrs: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...multiaddrs.flatMap((bytes) => [uint16(bytes.length), bytes]))
}

/** The binary multiaddrs of `multiaddrs`, not parsed; none where the value is cut off. */
export function splitMultiaddrs(value: Uint8Array): Uint8Array[] {
  const view = viewOf(value)
  const found: Uint8Array[] = []
  for (let at = 0; at < value.length;) {
    const length = at + 2 <= value.length ? view.getUint16(at) : 0
    if (length === 0 || at + 2 + length > value.length) return []
    found.push(value.slice(at + 2, at + 2 + length))
    at += 2 + length
  }
  return found
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  new DataView(buffer, byteOffset, byteLength)
const uint16 = (value: number) => Uint8Array.of(value >> 8, value & 0xff)
