import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import type { Address, Hex } from 'viem'
import { TeahouseError } from '../errors.ts'
import type { LedgerState, Slash } from './ledger.ts'
import { RECORD_BYTES } from './ledger-record.ts'
import { NODE_BYTES } from './poseidon-bulk.ts'
import { nodesAt } from './tree.ts'

/** Why a snapshot is refused. Sizes in bytes. */
export type SnapshotErrorDetail =
  | { readonly code: 'NOT_A_SNAPSHOT' }
  | { readonly code: 'UNKNOWN_VERSION'; readonly version: number }
  | { readonly code: 'WRONG_SIZE'; readonly size: number; readonly expected: number }
  | { readonly code: 'BAD_HEADER'; readonly field: string }
  | {
      readonly code: 'OTHER_NETWORK'
      readonly field: string
      readonly expected: string
      readonly actual: string
    }
  | { readonly code: 'HASH_MISMATCH'; readonly expected: Hex; readonly actual: Hex }
  | { readonly code: 'BAD_CHANGE'; readonly at: number; readonly reason: string }
  | { readonly code: 'WRONG_NODE'; readonly tree: number; readonly level: number; readonly index: number }
  | { readonly code: 'WRONG_ROOT'; readonly expected: string; readonly actual: string }

/** A snapshot can't be used: what it was taken from lied or damaged it. Nothing of it may be kept. */
export class SnapshotError extends TeahouseError<SnapshotErrorDetail> {}

/** What a snapshot is of; counts decide the sizes of all that follows. */
export interface SnapshotHeader {
  readonly chainId: number
  readonly registry: Address
  readonly depth: number
  readonly blockNumber: bigint
  readonly blockHash: Hex
  /** Unix seconds. */
  readonly timestamp: number
  readonly ledgerHash: Hex
  readonly memberCount: number
  readonly changeCount: number
  readonly slashCount: number
}

/** A parsed snapshot: views on its bytes, nothing copied and nothing believed yet. */
export interface Snapshot {
  readonly header: SnapshotHeader
  /** The registry's changes in order, `changeCount` records of ledger-record.ts. */
  readonly records: Uint8Array
  readonly slashes: readonly Slash[]
  /** For each tree its levels, leaves first, as `MembershipTree.nodes` gives them. */
  readonly trees: readonly (readonly Uint8Array[])[]
}

/** "TEASNAP" and the version of the format. */
const MAGIC = [0x54, 0x45, 0x41, 0x53, 0x4e, 0x41, 0x50]
export const SNAPSHOT_VERSION = 1
export const SNAPSHOT_HEADER_BYTES = 136
const SLASH_BYTES = 40
const MAX_DEPTH = 32
const MAX_COUNT = 0xffff_ffff

/** The bytes of a snapshot with this header, which may name any counts: nothing is made of that size here. */
export function snapshotSize({ depth, memberCount, changeCount, slashCount }: SnapshotHeader): number {
  const capacity = 2 ** depth
  const full = Math.floor(memberCount / capacity)
  const rest = memberCount - full * capacity
  const nodesOf = (leaves: number) => levelCounts(depth, leaves).reduce((sum, count) => sum + count, 0)
  const nodes = full * nodesOf(capacity) + (rest > 0 || full === 0 ? nodesOf(rest) : 0)
  return SNAPSHOT_HEADER_BYTES + changeCount * RECORD_BYTES + slashCount * SLASH_BYTES + nodes * NODE_BYTES
}

/** How many nodes each level of a tree with so many leaves has. */
function levelCounts(depth: number, leaves: number): number[] {
  return Array.from({ length: depth + 1 }, (_, level) => nodesAt(level, depth, leaves))
}

/** For each tree how many nodes each of its levels has. */
function treeShapes({ memberCount, depth }: SnapshotHeader): number[][] {
  const capacity = 2 ** depth
  const trees = Math.max(1, Math.ceil(memberCount / capacity))
  return Array.from({ length: trees }, (_, tree) =>
    levelCounts(depth, Math.min(capacity, memberCount - tree * capacity)),
  )
}

/** The header of a state; the chain, registry and block hash come from whoever followed it. */
export function snapshotHeader(
  state: LedgerState,
  network: { readonly chainId: number; readonly registry: Address; readonly blockHash: Hex },
): SnapshotHeader {
  const { members, records, slashes, trees, block, ledgerHash } = state
  return {
    ...network,
    depth: trees[0]!.depth,
    blockNumber: block.number,
    timestamp: block.timestamp,
    ledgerHash,
    memberCount: members.count,
    changeCount: records.length / RECORD_BYTES,
    slashCount: slashes.length,
  }
}

/** Writes a snapshot of a ledger that keeps its records. */
export function writeSnapshot(header: SnapshotHeader, { records, slashes, trees }: LedgerState): Uint8Array {
  const bytes = new Uint8Array(snapshotSize(header))
  bytes.set(headerBytes(header))
  bytes.set(records, SNAPSHOT_HEADER_BYTES)
  let at = SNAPSHOT_HEADER_BYTES + records.length
  for (const { secret, timestamp } of slashes) {
    bytes.set(hexToBytes(secret.toString(16).padStart(64, '0')), at)
    new DataView(bytes.buffer).setBigUint64(at + 32, BigInt(timestamp))
    at += SLASH_BYTES
  }
  for (const tree of trees) {
    for (let level = 0; level <= header.depth; level++) {
      const nodes = tree.nodes(level)
      bytes.set(nodes, at)
      at += nodes.length
    }
  }
  return bytes
}

function headerBytes(header: SnapshotHeader): Uint8Array {
  const bytes = new Uint8Array(SNAPSHOT_HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set([...MAGIC, SNAPSHOT_VERSION])
  view.setBigUint64(8, BigInt(header.chainId))
  bytes.set(hexToBytes(header.registry.slice(2)), 16)
  view.setUint8(36, header.depth)
  view.setBigUint64(40, header.blockNumber)
  bytes.set(hexToBytes(header.blockHash.slice(2)), 48)
  view.setBigUint64(80, BigInt(header.timestamp))
  bytes.set(hexToBytes(header.ledgerHash.slice(2)), 88)
  view.setUint32(120, header.memberCount)
  view.setUint32(124, header.changeCount)
  view.setUint32(128, header.slashCount)
  return bytes
}

/**
 * Reads a header from the first SNAPSHOT_HEADER_BYTES of a snapshot, so that its size is known before the rest is
 * fetched. Throws SnapshotError WRONG_SIZE, NOT_A_SNAPSHOT, UNKNOWN_VERSION or BAD_HEADER.
 */
export function readSnapshotHeader(bytes: Uint8Array): SnapshotHeader {
  if (bytes.length < SNAPSHOT_HEADER_BYTES) throw wrongSize(bytes.length, SNAPSHOT_HEADER_BYTES)
  if (MAGIC.some((byte, at) => bytes[at] !== byte))
    throw new SnapshotError('This is no membership snapshot', { code: 'NOT_A_SNAPSHOT' })
  const version = bytes[7]!
  if (version !== SNAPSHOT_VERSION)
    throw new SnapshotError(`Snapshots of version ${version} are not known`, {
      code: 'UNKNOWN_VERSION',
      version,
    })
  const view = new DataView(bytes.buffer, bytes.byteOffset, SNAPSHOT_HEADER_BYTES)
  const hex = (from: number, to: number): Hex => `0x${bytesToHex(bytes.subarray(from, to))}`
  const header: SnapshotHeader = {
    chainId: safe('chainId', view.getBigUint64(8)),
    registry: hex(16, 36),
    depth: view.getUint8(36),
    blockNumber: view.getBigUint64(40),
    blockHash: hex(48, 80),
    timestamp: safe('timestamp', view.getBigUint64(80)),
    ledgerHash: hex(88, 120),
    memberCount: view.getUint32(120),
    changeCount: view.getUint32(124),
    slashCount: view.getUint32(128),
  }
  const zeros = [37, 38, 39, 132, 133, 134, 135]
  if (zeros.some((at) => bytes[at] !== 0)) throw badHeader('reserved')
  if (header.depth < 1 || header.depth > MAX_DEPTH) throw badHeader('depth')
  const { memberCount, changeCount, slashCount } = header
  if (memberCount > changeCount || memberCount === MAX_COUNT) throw badHeader('memberCount')
  if (slashCount > changeCount) throw badHeader('slashCount')
  return header
}

/**
 * Parses a snapshot. Its length has to be exactly what its header says; memory is used only for the slashes.
 * Throws SnapshotError as {@link readSnapshotHeader} does.
 */
export function readSnapshot(bytes: Uint8Array): Snapshot {
  const header = readSnapshotHeader(bytes)
  const expected = snapshotSize(header)
  if (bytes.length !== expected) throw wrongSize(bytes.length, expected)
  let at = SNAPSHOT_HEADER_BYTES
  const take = (length: number): Uint8Array => bytes.subarray(at, (at += length))
  const records = take(header.changeCount * RECORD_BYTES)
  const slashes = Array.from({ length: header.slashCount }, () => readSlash(take(SLASH_BYTES)))
  const trees = treeShapes(header).map((counts) => counts.map((count) => take(count * NODE_BYTES)))
  return { header, records, slashes, trees }
}

function readSlash(bytes: Uint8Array): Slash {
  const view = new DataView(bytes.buffer, bytes.byteOffset, SLASH_BYTES)
  const secret = BigInt(`0x${bytesToHex(bytes.subarray(0, 32))}`)
  return { secret, timestamp: safe('slash time', view.getBigUint64(32)) }
}

function safe(field: string, value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw badHeader(field)
  return Number(value)
}

function badHeader(field: string): SnapshotError {
  return new SnapshotError(`The snapshot's ${field} can't be`, { code: 'BAD_HEADER', field })
}

function wrongSize(size: number, expected: number): SnapshotError {
  const detail = { code: 'WRONG_SIZE', size, expected } as const
  return new SnapshotError(`The snapshot has ${size} bytes instead of ${expected}`, detail)
}
