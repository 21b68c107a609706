import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import type { Address } from 'viem'

/** A change as the registry hashes it, packed: kind 1, rate limit 2, expiry 5, index 4, holder 20, id commitment 32. */
export const RECORD_BYTES = 64

/** Numbers of the kinds of change, as the registry hashes them. */
export const CHANGE_KINDS = { registered: 1, renewed: 2, exited: 3, slashed: 4 } as const
export type ChangeKind = keyof typeof CHANGE_KINDS

/** What a record holds; limit and expiry (unix seconds) as the member has them after the change. */
export interface LedgerRecord {
  /** One of CHANGE_KINDS; a member table keeps a state in its place. */
  readonly kind: number
  readonly rateLimit: number
  readonly expiry: number
  readonly index: number
  readonly holder: Address
  readonly idCommitment: bigint
}

const HIGH = 2 ** 32

const viewOf = (records: Uint8Array): DataView =>
  new DataView(records.buffer, records.byteOffset, records.byteLength)

/** Writes record number `at`, big-endian. The caller ensures that every value fits. */
export function writeRecord(records: Uint8Array, at: number, record: LedgerRecord): void {
  const view = viewOf(records)
  const base = at * RECORD_BYTES
  records[base] = record.kind
  view.setUint16(base + 1, record.rateLimit)
  writeExpiry(records, at, record.expiry)
  view.setUint32(base + 8, record.index)
  records.set(hexToBytes(record.holder.slice(2)), base + 12)
  for (let word = 0; word < 4; word++) {
    const value = BigInt.asUintN(64, record.idCommitment >> BigInt(64 * (3 - word)))
    view.setBigUint64(base + 32 + 8 * word, value)
  }
}

/** Replaces the expiry of record number `at`. */
export function writeExpiry(records: Uint8Array, at: number, expiry: number): void {
  const view = viewOf(records)
  view.setUint8(at * RECORD_BYTES + 3, Math.floor(expiry / HIGH))
  view.setUint32(at * RECORD_BYTES + 4, expiry % HIGH)
}

/** Reads record number `at`; the holder in lower case. */
export function readRecord(records: Uint8Array, at: number): LedgerRecord {
  const view = viewOf(records)
  const base = at * RECORD_BYTES
  return {
    kind: view.getUint8(base),
    rateLimit: view.getUint16(base + 1),
    expiry: view.getUint8(base + 3) * HIGH + view.getUint32(base + 4),
    index: view.getUint32(base + 8),
    holder: `0x${bytesToHex(records.subarray(base + 12, base + 32))}`,
    idCommitment: readCommitment(records, at),
  }
}

/** The id commitment of record number `at`. */
export function readCommitment(records: Uint8Array, at: number): bigint {
  const view = viewOf(records)
  const word = (index: number) => view.getBigUint64(at * RECORD_BYTES + 32 + 8 * index)
  return (word(0) << 192n) | (word(1) << 128n) | (word(2) << 64n) | word(3)
}

/** abi.encode(hash, kind, index, idCommitment, holder, rateLimit, expiry): what the registry hashes. */
export function recordPreimage(hash: Uint8Array, record: Uint8Array): Uint8Array {
  const encoded = new Uint8Array(7 * 32)
  const put = (word: number, bytes: Uint8Array) => encoded.set(bytes, 32 * (word + 1) - bytes.length)
  put(0, hash)
  put(1, record.subarray(0, 1))
  put(2, record.subarray(8, 12))
  put(3, record.subarray(32, 64))
  put(4, record.subarray(12, 32))
  put(5, record.subarray(1, 3))
  put(6, record.subarray(3, 8))
  return encoded
}
