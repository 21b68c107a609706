import type { Address, Hex } from 'viem'
import { hexToBytes } from '@noble/hashes/utils.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import {
  readSnapshotHeader,
  type SignedRoots,
  SNAPSHOT_HEADER_BYTES,
  type SnapshotHeader,
  snapshotSize,
  verifyRoots,
} from '../rln/index.ts'
import { decode, MemberRequest, MemberResponse } from '../wire/index.ts'
import { badAnswer, MemberError } from './errors.ts'
import {
  MAX_CHANGE_BLOCKS,
  MAX_CHANGES,
  MAX_MEMBER_ANSWER_BYTES,
  MAX_TREES,
  MEMBER_STATUS,
} from './limits.ts'
import { type BucketAt, decodeBucket, decodeChanges, decodeRoots, type PageOfChanges } from './messages.ts'

/** Sends one frame to a node and gives the one frame of its answer. */
export type Exchange = (request: Uint8Array, limits: { readonly maxBytes: number }) => Promise<Uint8Array>

/** What the answers are checked against. */
export interface MemberNetwork {
  readonly chainId: number
  readonly registry: Address
}

/** A node's answers on /teahouse/member/1, checked as far as one node's word can be. */
export interface MemberCalls {
  /** Signed roots after a block, the node's newest without one. Throws MemberError, RootsError. */
  roots(blockHash?: Hex): Promise<SignedRoots>
  bucket(number: number): Promise<BucketAt>
  /** Changes of blocks above `afterBlock`. */
  changes(afterBlock: bigint): Promise<PageOfChanges>
  /** A whole snapshot of at most `maxBytes`; `accept` may throw when it sees the header. */
  snapshot(maxBytes: number, accept?: (header: SnapshotHeader) => void): Promise<Uint8Array>
}

/** Speaks the protocol over `exchange` with the node whose key has the address `node`. */
export function memberCalls(exchange: Exchange, node: Address, network: MemberNetwork): MemberCalls {
  async function call<Part extends keyof MemberRequest & keyof MemberResponse>(
    part: Part,
    query: NonNullable<MemberRequest[Part]>,
  ): Promise<NonNullable<MemberResponse[Part]>> {
    const request = MemberRequest.encode({ requestId: '', [part]: query })
    const bytes = await exchange(request, { maxBytes: MAX_MEMBER_ANSWER_BYTES })
    const answer = decode(MemberResponse, bytes, {
      roots: { roots: MAX_TREES },
      changes: { blocks: MAX_CHANGE_BLOCKS, blocks$: { changes: MAX_CHANGES } },
    })
    const { statusCode: status, statusDesc: description = '' } = answer
    if (status !== MEMBER_STATUS.ok) {
      const detail = { code: 'REFUSED', status, description } as const
      throw new MemberError(`The node refused (${status}): ${description}`, detail)
    }
    const found = answer[part]
    if (found === undefined) throw badAnswer(`it has no ${part}`)
    return found
  }

  async function roots(blockHash?: Hex): Promise<SignedRoots> {
    const query = blockHash === undefined ? {} : { blockHash: hexToBytes(blockHash.slice(2)) }
    const answer = decodeRoots(await call('roots', query), node)
    if (answer.chainId !== network.chainId) throw badAnswer('it is about another chain')
    if (answer.registry.toLowerCase() !== network.registry.toLowerCase())
      throw badAnswer('it is about another registry')
    if (blockHash !== undefined && answer.blockHash !== blockHash)
      throw badAnswer('it is about another block')
    await verifyRoots(answer)
    return answer
  }

  async function snapshot(maxBytes: number, accept?: (header: SnapshotHeader) => void): Promise<Uint8Array> {
    const first = await call('snapshot', { offset: 0n })
    if (first.data.length < SNAPSHOT_HEADER_BYTES) throw badAnswer('the first chunk has no whole header')
    const header = readSnapshotHeader(first.data)
    accept?.(header)
    const size = snapshotSize(header)
    if (size > maxBytes || first.total !== BigInt(size)) throw badAnswer(`a snapshot of ${first.total} bytes`)
    const bytes = new Uint8Array(size)
    const blockHash = hexToBytes(header.blockHash.slice(2))
    for (let at = 0, chunk = first; ; chunk = await call('snapshot', { blockHash, offset: BigInt(at) })) {
      const fits = chunk.offset === BigInt(at) && chunk.data.length > 0 && at + chunk.data.length <= size
      if (!fits || bytesToHex(chunk.blockHash) !== header.blockHash.slice(2))
        throw badAnswer('a chunk does not continue the snapshot')
      bytes.set(chunk.data, at)
      at += chunk.data.length
      if (at === size) return bytes
    }
  }

  return {
    roots,
    snapshot,
    async bucket(number) {
      const found = decodeBucket(await call('bucket', { number }))
      if (found.bucket.number !== number) throw badAnswer('it is another bucket')
      return found
    },
    changes: async (afterBlock) => decodeChanges(await call('changes', { afterBlock })),
  }
}
