import {
  BLOB_STATUS,
  type BlobAnswer,
  type BlobQuestion,
  BlobWireError,
  decodeBlobAnswer,
  encodeBlobRequest,
  MAX_BLOB_ANSWER_BYTES,
  type SignedReceipt,
} from '@teahouse/protocol/blob'
import { contentTree } from '@teahouse/protocol/receipts'
import { PROTOCOLS } from '@teahouse/protocol/wire'
import type { Address, Hex } from 'viem'
import { requestId } from '../messaging/request-id.ts'
import { NetError } from '../net/errors.ts'
import type { Market } from '../market/market.ts'
import type { NodeRecord } from '../net/directory.ts'
import type { Endpoint, Peer } from '../net/peer.ts'
import { sleep } from '../sleep.ts'
import { isBusy, refusal } from './errors.ts'

/** Milliseconds after which a busy node is asked again first, and how often it is. */
const BUSY_MS = 500
const BUSY_TRIES = 3

/** Until when, in unix seconds, and for whom a receipt is wanted. */
export interface Term {
  readonly until: number
  readonly client?: Address | undefined
}

export interface Kept {
  readonly until: number
  readonly receipt?: SignedReceipt | undefined
}

export type BlobPeer = ReturnType<typeof createBlobPeer>

/**
 * Asks nodes to keep and give chunks, and believes nothing that can be checked. All throw FileError REFUSED and TOO_MANY_REQUESTS, and NetError,
 * with BAD_ANSWER for what is not to the question or not what its address says.
 */
export function createBlobPeer(peer: Pick<Peer, 'request'>, market: Pick<Market, 'watch'>, busyMs = BUSY_MS) {
  async function ask(node: NodeRecord, question: BlobQuestion, signal?: AbortSignal): Promise<BlobAnswer> {
    const request = encodeBlobRequest(question, requestId())
    const options = { maxBytes: MAX_BLOB_ANSWER_BYTES, timeoutMs: 20_000, signal }
    const answer = await market.watch(node, async () =>
      read(node, await peer.request(node, PROTOCOLS.blob, request, options)),
    )
    if (answer.status !== BLOB_STATUS.ok) throw refusal(answer.status, answer.description, node.peerId)
    return answer
  }

  /** Asks a node that is busy again, after waits of which each is twice as long. */
  async function askToKeep(
    node: NodeRecord,
    question: BlobQuestion,
    signal?: AbortSignal,
  ): Promise<BlobAnswer> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await ask(node, question, signal)
      } catch (error) {
        if (!isBusy(error) || attempt >= BUSY_TRIES) throw error
        await sleep(busyMs * 2 ** attempt, signal)
        signal?.throwIfAborted()
      }
    }
  }

  async function keep(node: NodeRecord, question: BlobQuestion & Term, signal?: AbortSignal): Promise<Kept> {
    const { until, receipt } = await askToKeep(node, question, signal)
    if (until === undefined || until < question.until) throw badAnswer(node, 'it does not keep it so long')
    return { until, receipt }
  }

  return {
    put: (node: NodeRecord, data: Uint8Array, term: Term, signal?: AbortSignal) =>
      keep(node, { ask: 'put', data, ...term }, signal),
    renew: (node: NodeRecord, root: Hex, term: Term, signal?: AbortSignal) =>
      keep(node, { ask: 'renew', root, ...term }, signal),
    async get(node: NodeRecord, root: Hex, signal?: AbortSignal): Promise<Uint8Array> {
      const { data } = await ask(node, { ask: 'get', root }, signal)
      if (!data || contentTree(data).root !== root) throw badAnswer(node, 'it is not what its address says')
      return data
    },
    /** Until when each of at most 64 is kept, 0 for what is not there. */
    async stat(node: NodeRecord, roots: readonly Hex[], signal?: AbortSignal): Promise<readonly number[]> {
      const { ends = [] } = await ask(node, { ask: 'stat', roots }, signal)
      if (ends.length !== roots.length) throw badAnswer(node, 'it tells of other chunks')
      return ends
    },
  }
}

function read(node: Endpoint, bytes: Uint8Array): BlobAnswer {
  try {
    return decodeBlobAnswer(bytes)
  } catch (error) {
    throw error instanceof BlobWireError ? badAnswer(node, error.detail.what, error) : error
  }
}

function badAnswer({ peerId }: Endpoint, what: string, cause?: unknown): NetError {
  const detail = { code: 'BAD_ANSWER', peerId, protocol: PROTOCOLS.blob } as const
  return new NetError(`The answer of ${peerId} can't be used: ${what}`, detail, { cause })
}
