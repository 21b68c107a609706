import {
  decode,
  ForgottenHashes,
  MAX_STORE_FRAME_BYTES,
  PROTOCOLS,
  STORE_PAGE,
  StoreQueryRequest,
} from '@teahouse/protocol/wire'
import { bytesToHex, type Hex } from 'viem'
import type { Directory } from '../net/directory.ts'
import type { Peer } from '../net/peer.ts'
import { createBudget } from '../payments/budget.ts'
import type { Till } from '../payments/till.ts'
import { queryError } from './errors.ts'
import { byHash } from './history.ts'
import { paidQuery } from './paid-page.ts'

export interface AskForgottenDeps {
  readonly directory: Directory
  readonly peer: Peer
  readonly till: Till
}

export interface AskForgottenOptions {
  /** Pay when the node asks for it. */
  readonly pay?: boolean | undefined
  /** The most to pay, in the token's smallest unit. */
  readonly maxPaid?: bigint | undefined
  readonly signal?: AbortSignal | undefined
}

/** Those of these hashes of which a node says that its operator has it keep them no more; none if it does not say. */
export async function askForgotten(
  { directory, peer, till }: AskForgottenDeps,
  { pay, maxPaid, signal }: AskForgottenOptions,
  peerId: string,
  hashes: readonly Hex[],
): Promise<ReadonlySet<Hex>> {
  const found = new Set<Hex>()
  const budget = createBudget(maxPaid)
  try {
    const [node] = await directory.candidates('store', peerId)
    for (let at = 0; node && at < hashes.length; at += STORE_PAGE.max) {
      const some = hashes.slice(at, at + STORE_PAGE.max)
      const query = async (): Promise<ForgottenHashes> => {
        const request = StoreQueryRequest.encode({ ...byHash(some), includeData: false })
        const bytes = await peer.request(node, PROTOCOLS.store, request, {
          maxBytes: MAX_STORE_FRAME_BYTES,
          signal,
        })
        const answer = decode(ForgottenHashes, bytes, { forgotten: STORE_PAGE.max })
        if (answer.statusCode === 200) return answer
        throw queryError(answer.statusCode ?? 0, answer.statusDesc ?? '', peerId)
      }
      const { forgotten } = await paidQuery(till, node, query, pay ? budget : undefined)
      for (const hash of forgotten.map((bytes) => bytesToHex(bytes))) if (some.includes(hash)) found.add(hash)
    }
  } catch {
    signal?.throwIfAborted()
  }
  return found
}
