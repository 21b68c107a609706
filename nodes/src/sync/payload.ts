import { MESSAGE_HASH_BYTES } from '@teahouse/protocol/wire'
import { compareKeys, type MessageKey } from '../store/keys.ts'
import { byteReader, byteWriter, type ByteReader, type ByteWriter } from './bytes.ts'
import { malformed } from './errors.ts'

/** Keys from `from` (inclusive) to `to` (exclusive). */
export interface KeyRange {
  readonly from: MessageKey
  readonly to: MessageKey
}

/** What a peer says of a range. */
export type SyncRange = KeyRange &
  (
    | { readonly type: 'skip' }
    /** XOR of the hashes of all messages in it. */
    | { readonly type: 'fingerprint'; readonly fingerprint: Uint8Array }
    /** All messages in it, in order; `reconciled` if the receiver's own set is known to the sender, or does not matter. */
    | { readonly type: 'items'; readonly items: readonly MessageKey[]; readonly reconciled: boolean }
  )

/** What peers tell each other in turn. No ranges: nothing (more) to compare. */
export interface RangesPayload {
  /** Pubsub topics that the sender compares. */
  readonly pubsubTopics: readonly string[]
  /** Content topics that it restricts itself to; none for all. */
  readonly contentTopics: readonly string[]
  /** Each starts where the one before ends. */
  readonly ranges: readonly SyncRange[]
}

const TYPES = ['skip', 'fingerprint', 'items'] as const
const NO_HASH = new Uint8Array(MESSAGE_HASH_BYTES)
/** A payload without ranges. */
const EMPTY = Uint8Array.of(0)
/** A range takes a byte of time, one of its type and, if it has one, its fingerprint. */
const MIN_ITEM_BYTES = 1 + MESSAGE_HASH_BYTES

/** The place before all messages of a time (unix nanoseconds). */
export function startOf(timestamp: bigint): MessageKey {
  return { timestamp, hash: NO_HASH }
}

/**
 * Bytes of a payload, as deployed Waku nodes write it: docs/wire/sync.md. The hash of a bound travels only where its time is that
 * of the bound before, so others have to be at the start of their time.
 */
export function encodePayload({ pubsubTopics, contentTopics, ranges }: RangesPayload): Uint8Array {
  const [first] = ranges
  if (!first) return EMPTY
  const out = byteWriter()
  for (const topics of [pubsubTopics, contentTopics]) writeTopics(out, topics)
  out.varint(first.from.timestamp)
  let last = first.from
  for (const range of ranges) {
    writeBound(out, range.to, last)
    writeRange(out, range)
    last = range.to
  }
  return out.finish()
}

function writeTopics(out: ByteWriter, topics: readonly string[]): void {
  out.varint(topics.length)
  for (const topic of topics) {
    const bytes = new TextEncoder().encode(topic)
    out.varint(bytes.length)
    out.bytes(bytes)
  }
}

function writeBound(out: ByteWriter, to: MessageKey, last: MessageKey): void {
  out.varint(to.timestamp - last.timestamp)
  if (to.timestamp !== last.timestamp) return
  const differs = to.hash.findIndex((byte, at) => byte !== last.hash[at])
  const kept = differs < 0 ? MESSAGE_HASH_BYTES : differs + 1
  out.byte(kept)
  out.bytes(to.hash.subarray(0, kept))
}

function writeRange(out: ByteWriter, range: SyncRange): void {
  out.byte(TYPES.indexOf(range.type))
  if (range.type === 'fingerprint') out.bytes(range.fingerprint)
  if (range.type !== 'items') return
  out.varint(range.items.length)
  let time = 0n
  for (const { timestamp, hash } of range.items) {
    out.varint(timestamp - time)
    out.bytes(hash)
    time = timestamp
  }
  out.byte(range.reconciled ? 1 : 0)
}

/** Throws SyncError MALFORMED for bytes that are no payload. Bounds and items of what it returns are in order. */
export function decodePayload(bytes: Uint8Array): RangesPayload {
  if (bytes.length <= 1) return { pubsubTopics: [], contentTopics: [], ranges: [] }
  const input = byteReader(bytes)
  const pubsubTopics = readTopics(input, 'pubsub topics')
  const contentTopics = readTopics(input, 'content topics')
  const ranges: SyncRange[] = []
  let from = startOf(input.varint('first time'))
  while (input.left > 0) {
    const to = readBound(input, from)
    if (compareKeys(from, to) >= 0) throw malformed('a range ends before it starts')
    ranges.push(readRange(input, { from, to }))
    from = to
  }
  return { pubsubTopics, contentTopics, ranges }
}

function readTopics(input: ByteReader, what: string): string[] {
  const text = new TextDecoder('utf-8', { fatal: true })
  return Array.from({ length: input.count(what, 1) }, () => {
    const bytes = input.bytes(input.count(what, 1), what)
    try {
      return text.decode(bytes)
    } catch {
      throw malformed(`${what} are not UTF-8`)
    }
  })
}

function readBound(input: ByteReader, last: MessageKey): MessageKey {
  const gap = input.varint('bound')
  const timestamp = after(last.timestamp, gap)
  if (gap > 0n) return startOf(timestamp)
  const kept = input.byte('length of a hash')
  if (kept > MESSAGE_HASH_BYTES) throw malformed('a hash has at most 32 bytes')
  const hash = new Uint8Array(MESSAGE_HASH_BYTES)
  hash.set(input.bytes(kept, 'hash of a bound'))
  return { timestamp, hash }
}

function readRange(input: ByteReader, range: KeyRange): SyncRange {
  const type = TYPES[input.byte('range type')]
  if (type === undefined) throw malformed('there is no such range type')
  if (type === 'skip') return { ...range, type }
  if (type === 'fingerprint')
    return { ...range, type, fingerprint: input.bytes(MESSAGE_HASH_BYTES, 'fingerprint') }
  const items: MessageKey[] = []
  let last: MessageKey | undefined
  for (let left = input.count('number of items', MIN_ITEM_BYTES); left > 0; left--) {
    const timestamp = after(last?.timestamp ?? 0n, input.varint('time of an item'))
    const item = { timestamp, hash: input.bytes(MESSAGE_HASH_BYTES, 'hash of an item') }
    if (last && compareKeys(last, item) >= 0) throw malformed('items are not in order')
    if (!contains(range, item)) throw malformed('an item is outside its range')
    items.push(item)
    last = item
  }
  const reconciled = input.byte('reconciled')
  if (reconciled > 1) throw malformed('reconciled is neither 0 nor 1')
  return { ...range, type, items, reconciled: reconciled === 1 }
}

function after(timestamp: bigint, gap: bigint): bigint {
  const sum = timestamp + gap
  if (sum >= 2n ** 63n) throw malformed('a time is not below 2^63')
  return sum
}

/** Whether a key lies in a range. */
export function contains({ from, to }: KeyRange, key: MessageKey): boolean {
  return compareKeys(from, key) <= 0 && compareKeys(key, to) < 0
}
