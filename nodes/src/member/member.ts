import { bytesToHex, type Address, type Hex, type LocalAccount } from 'viem'
import type { Logger } from 'pino'
import type { z } from 'zod'
import {
  encodeBucket,
  encodeChanges,
  encodeRoots,
  MAX_CHANGE_BLOCKS,
  MAX_CHANGES,
  MAX_MEMBER_REQUEST_BYTES,
  MEMBER_STATUS as STATUS,
} from '@teahouse/protocol/member'
import {
  BUCKET_DEPTH,
  cutBucket,
  snapshotSize,
  TREE_DEPTH,
  type MembershipRoots,
} from '@teahouse/protocol/rln'
import {
  decode,
  MemberRequest,
  MemberResponse,
  PROTOCOLS,
  WireError,
  type BucketAnswer,
  type ChangesPage,
  type RootsAnswer,
  type SnapshotChunk,
} from '@teahouse/protocol/wire'
import type { ChangeStore } from '../membership/change-store.ts'
import type { Follower } from '../membership/follower.ts'
import type { SnapshotFiles } from '../membership/snapshot-files.ts'
import { Refusal, serve, type Charge, type Net, type Service } from '../net/index.ts'
import { MemberConfig } from './config.ts'
import { rootsSigner } from './roots.ts'

export interface MemberDeps {
  readonly net: Net
  readonly account: LocalAccount
  readonly chainId: number
  readonly registry: Address
  readonly follower: Pick<Follower, 'state' | 'ledger' | 'rootsAfter'>
  readonly store: Pick<ChangeStore, 'after' | 'base' | 'last'>
  readonly files: Pick<SnapshotFiles, 'list' | 'chunk'>
  readonly charge: Charge
  readonly log: Logger
}

const PARTS = ['roots', 'snapshot', 'changes', 'bucket'] as const

/** `/teahouse/member/1`: signed roots, snapshots, changes and buckets of leaves. Wire format: docs/wire/member.md. */
export function member(init: z.input<typeof MemberConfig> = {}) {
  const config = MemberConfig.parse(init)
  return ({ net, account, chainId, registry, follower, store, files, charge, log }: MemberDeps): Service => {
    const sign = rootsSigner({ account, chainId, registry }, config.signedBlocks)

    async function roots(blockHash: Uint8Array | undefined): Promise<RootsAnswer> {
      const found = follower.rootsAfter(blockHash && hashOf(blockHash))
      if (!found) throw notFound('this block is not among the last ones')
      return encodeRoots(await sign(found))
    }

    function snapshot(blockHash: Uint8Array | undefined, offset: bigint): SnapshotChunk {
      const wanted = blockHash && hashOf(blockHash)
      const header = files.list().find((one) => wanted === undefined || one.blockHash === wanted)
      if (!header) throw notFound('there is no such snapshot')
      const total = snapshotSize(header)
      if (offset >= BigInt(total)) throw bad('the offset is behind the end')
      const data = files.chunk(header, Number(offset), config.chunkBytes)
      return { blockHash: bytesOf(header.blockHash), offset, total: BigInt(total), data }
    }

    function changes(afterBlock: bigint): ChangesPage {
      const last = store.last()
      const state = follower.ledger
      if (!last || state.block?.number !== last.number) throw unavailable()
      if (afterBlock < (store.base ?? -1n)) throw notFound('changes of so long ago are not stored')
      const blocks = []
      let count = 0
      for (const { block, changes: all } of afterBlock > last.number ? [] : store.after(afterBlock)) {
        const found = all.filter((change) => change.kind !== 'homeSet')
        if (found.length === 0) continue
        if (
          blocks.length > 0 &&
          (count + found.length > MAX_CHANGES || blocks.length === MAX_CHANGE_BLOCKS)
        ) {
          const { number: toBlock, hash: toHash, changes: before } = blocks.at(-1)
          return encodeChanges({ blocks, toBlock, toHash, ledgerHash: before.at(-1).ledger })
        }
        blocks.push({ ...block, changes: found })
        count += found.length
      }
      return encodeChanges({ blocks, toBlock: last.number, toHash: last.hash, ledgerHash: state.ledgerHash })
    }

    function bucket(number: number): BucketAnswer {
      const { ledger } = follower
      const newest: MembershipRoots | undefined = follower.rootsAfter()
      const trees = ledger.state()?.trees
      if (!newest || !trees || newest.blockNumber !== ledger.block?.number) throw unavailable()
      const tree = trees[Math.floor(number / 2 ** (TREE_DEPTH - BUCKET_DEPTH))]
      if (!tree) throw notFound('there is no such bucket')
      const { blockNumber, blockHash } = newest
      return encodeBucket({ bucket: cutBucket(tree, number), blockNumber, blockHash })
    }

    async function respond(request: MemberRequest, peerId: string): Promise<Partial<MemberResponse>> {
      const asked = PARTS.filter((part) => request[part] !== undefined)
      if (asked.length !== 1) throw bad('exactly one question is asked at a time')
      if (follower.state !== 'ready') throw unavailable()
      const paid = await charge(peerId, 'member', 1)
      if (!paid.ok) throw new Refusal(STATUS.tooManyRequests, `TOO_MANY_REQUESTS: ${paid.description}`)
      if (request.roots) return { roots: await roots(request.roots.blockHash) }
      if (request.snapshot) return { snapshot: snapshot(request.snapshot.blockHash, request.snapshot.offset) }
      if (request.changes) return { changes: changes(request.changes.afterBlock) }
      return { bucket: bucket(request.bucket!.number) }
    }

    function refuse(error: unknown, requestId: string): Uint8Array {
      const { statusCode, statusDesc } = statusOf(error)
      net.services.requests.refused(PROTOCOLS.member, statusCode)
      if (statusCode === STATUS.unavailable && !(error instanceof Refusal))
        log.error({ err: error }, 'Could not answer about the members')
      return MemberResponse.encode({ requestId, statusCode, statusDesc })
    }

    return serve(net, log, {
      ...config,
      protocol: PROTOCOLS.member,
      maxRequestBytes: MAX_MEMBER_REQUEST_BYTES,
      async answer(bytes, { peerId }) {
        const request = decode(MemberRequest, bytes)
        const { requestId } = request
        try {
          const answer = await respond(request, peerId)
          return MemberResponse.encode({ requestId, statusCode: STATUS.ok, statusDesc: 'OK', ...answer })
        } catch (error) {
          return refuse(error, requestId)
        }
      },
      refuse: (error) => refuse(error, ''),
    })
  }
}

function statusOf(error: unknown): { statusCode: number; statusDesc: string } {
  if (error instanceof Refusal) return { statusCode: error.detail.status, statusDesc: error.message }
  if (error instanceof WireError)
    return { statusCode: STATUS.badRequest, statusDesc: `BAD_REQUEST: ${error.message}` }
  return { statusCode: STATUS.unavailable, statusDesc: 'SERVICE_UNAVAILABLE: the members cannot be read' }
}

function hashOf(bytes: Uint8Array): Hex {
  if (bytes.length !== 32) throw bad('a block hash has 32 bytes')
  return bytesToHex(bytes)
}

const bytesOf = (hex: Hex): Uint8Array => Buffer.from(hex.slice(2), 'hex')
const bad = (what: string) => new Refusal(STATUS.badRequest, `BAD_REQUEST: ${what}`)
const notFound = (what: string) => new Refusal(STATUS.notFound, `NOT_FOUND: ${what}`)
const unavailable = () =>
  new Refusal(STATUS.unavailable, 'SERVICE_UNAVAILABLE: the members are not known yet')
