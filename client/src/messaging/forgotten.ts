import { STORE_PAGE } from '@teahouse/protocol/wire'
import { bytesToHex, type Hex } from 'viem'
import type { Directory } from '../net/directory.ts'
import type { Peer } from '../net/peer.ts'
import { createBudget } from '../payments/budget.ts'
import type { Till } from '../payments/till.ts'
import { ask, byHash } from './history.ts'
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
      const query = () => ask(peer, node, { ...byHash(some), includeData: false }, signal)
      const { forgotten } = await paidQuery(till, node, query, pay ? budget : undefined)
      for (const hash of forgotten.map((bytes) => bytesToHex(bytes))) if (some.includes(hash)) found.add(hash)
    }
  } catch {
    signal?.throwIfAborted()
  }
  return found
}
