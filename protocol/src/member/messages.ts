import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { type Address, getAddress, type Hex } from 'viem'
import { type Bucket, CHANGE_KINDS, type MembershipChange, type SignedRoots } from '../rln/index.ts'
import type { BucketAnswer, Change, ChangesPage, RootsAnswer } from '../wire/index.ts'
import { badAnswer } from './errors.ts'
import { BUCKET_SIBLINGS, MAX_TREES } from './limits.ts'

/** Changes of one block as a node tells them. */
export interface BlockOfChanges {
  readonly number: bigint
  readonly hash: Hex
  /** Unix seconds. */
  readonly timestamp: number
  readonly changes: readonly MembershipChange[]
}

/** All changes up to `toBlock`, and the registry's ledger word after it. */
export interface PageOfChanges {
  readonly blocks: readonly BlockOfChanges[]
  readonly toBlock: bigint
  readonly toHash: Hex
  readonly ledgerHash: Hex
}

/** A bucket as of one block. */
export interface BucketAt {
  readonly bucket: Bucket
  readonly blockNumber: bigint
  readonly blockHash: Hex
}

const bytesOf = (hex: string): Uint8Array => hexToBytes(hex.slice(2))
const bytes32 = (value: bigint): Uint8Array => hexToBytes(value.toString(16).padStart(64, '0'))

function hexOf(name: string, bytes: Uint8Array | undefined, length: number): Hex {
  if (bytes?.length !== length) throw badAnswer(`${name} has not ${length} bytes`)
  return `0x${bytesToHex(bytes)}`
}

const numberOf = (name: string, bytes: Uint8Array | undefined): bigint => BigInt(hexOf(name, bytes, 32))

function safe(name: string, value: bigint | undefined): number {
  if (value === undefined || value > BigInt(Number.MAX_SAFE_INTEGER))
    throw badAnswer(`${name} is missing or too large`)
  return Number(value)
}

export function encodeRoots(answer: SignedRoots): RootsAnswer {
  return {
    chainId: BigInt(answer.chainId),
    registry: bytesOf(answer.registry),
    blockNumber: answer.blockNumber,
    blockHash: bytesOf(answer.blockHash),
    roots: answer.roots.map(bytesOf),
    ledgerHash: bytesOf(answer.ledgerHash),
    memberCount: answer.memberCount,
    signature: bytesOf(answer.signature),
  }
}

/** Reads signed roots that are to come from `node`; the signature is not checked. Throws MemberError BAD_ANSWER. */
export function decodeRoots(answer: RootsAnswer, node: Address): SignedRoots {
  if (answer.roots.length < 1 || answer.roots.length > MAX_TREES)
    throw badAnswer('it has no roots or too many')
  return {
    node,
    chainId: safe('chain id', answer.chainId),
    registry: getAddress(hexOf('registry', answer.registry, 20)),
    blockNumber: answer.blockNumber,
    blockHash: hexOf('block hash', answer.blockHash, 32),
    roots: answer.roots.map((root) => hexOf('root', root, 32)),
    ledgerHash: hexOf('ledger hash', answer.ledgerHash, 32),
    memberCount: answer.memberCount,
    signature: hexOf('signature', answer.signature, 65),
  }
}

export function encodeChanges({ blocks, toBlock, toHash, ledgerHash }: PageOfChanges): ChangesPage {
  return {
    blocks: blocks.map(({ number, hash, timestamp, changes }) => ({
      number,
      hash: bytesOf(hash),
      timestamp: BigInt(timestamp),
      changes: changes.map(encodeChange),
    })),
    toBlock,
    toHash: bytesOf(toHash),
    ledgerHash: bytesOf(ledgerHash),
  }
}

function encodeChange(change: MembershipChange): Change {
  const common = {
    kind: CHANGE_KINDS[change.kind],
    index: change.index,
    idCommitment: bytes32(change.idCommitment),
    holder: bytesOf(change.holder),
    ledger: bytesOf(change.ledger),
  }
  if (change.kind === 'slashed') return { ...common, secret: bytes32(change.secret) }
  if (change.kind === 'exited') return common
  const expiry = BigInt(change.expiry)
  if (change.kind === 'renewed') return { ...common, expiry }
  return { ...common, expiry, rateLimit: change.rateLimit, home: change.home }
}

/**
 * Reads a page of changes; whether they continue a ledger is for that ledger to check. Throws MemberError BAD_ANSWER,
 * also if the blocks are not in order.
 */
export function decodeChanges(page: ChangesPage): PageOfChanges {
  const blocks = page.blocks.map(({ number, hash, timestamp, changes }) => ({
    number,
    hash: hexOf('block hash', hash, 32),
    timestamp: safe('block time', timestamp),
    changes: changes.map(decodeChange),
  }))
  const numbers = [...blocks.map(({ number }) => number), page.toBlock + 1n]
  if (numbers.some((number, at) => at > 0 && number <= numbers[at - 1]!))
    throw badAnswer('blocks are out of order')
  const toHash = hexOf('block hash', page.toHash, 32)
  return { blocks, toBlock: page.toBlock, toHash, ledgerHash: hexOf('ledger hash', page.ledgerHash, 32) }
}

function decodeChange(change: Change): MembershipChange {
  const common = {
    index: change.index,
    idCommitment: numberOf('id commitment', change.idCommitment),
    holder: getAddress(hexOf('holder', change.holder, 20)),
    ledger: hexOf('ledger hash', change.ledger, 32),
  }
  switch (change.kind) {
    case CHANGE_KINDS.registered: {
      const { rateLimit, home = 0 } = change
      if (rateLimit === undefined) throw badAnswer('a registration has no limit')
      return { ...common, kind: 'registered', rateLimit, home, expiry: expiryOf(change) }
    }
    case CHANGE_KINDS.renewed:
      return { ...common, kind: 'renewed', expiry: expiryOf(change) }
    case CHANGE_KINDS.exited:
      return { ...common, kind: 'exited' }
    case CHANGE_KINDS.slashed:
      return { ...common, kind: 'slashed', secret: numberOf('secret', change.secret) }
    default:
      throw badAnswer(`there is no kind ${change.kind} of change`)
  }
}

/** An expiry has 40 bits on chain. */
function expiryOf({ expiry }: Change): number {
  const seconds = safe('expiry', expiry)
  if (seconds >= 2 ** 40) throw badAnswer('an expiry has more than 40 bits')
  return seconds
}

export function encodeBucket({ bucket, blockNumber, blockHash }: BucketAt): BucketAnswer {
  const { number, leaves, siblings } = bucket
  const joined = new Uint8Array(siblings.length * 32)
  siblings.forEach((sibling, at) => joined.set(bytes32(sibling).reverse(), at * 32))
  return { blockNumber, blockHash: bytesOf(blockHash), number, leaves, siblings: joined }
}

/** Reads a bucket; what it hashes up to is for `openBucket` to tell. Throws MemberError BAD_ANSWER. */
export function decodeBucket({ number, leaves, siblings, blockNumber, blockHash }: BucketAnswer): BucketAt {
  if (siblings.length !== BUCKET_SIBLINGS * 32) throw badAnswer(`a bucket has ${BUCKET_SIBLINGS} siblings`)
  const read = Array.from({ length: BUCKET_SIBLINGS }, (_, at) =>
    BigInt(`0x${bytesToHex(siblings.slice(at * 32, at * 32 + 32).reverse())}`),
  )
  return {
    bucket: { number, leaves, siblings: read },
    blockNumber,
    blockHash: hexOf('block hash', blockHash, 32),
  }
}
