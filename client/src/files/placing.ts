import { blobDays } from '@teahouse/protocol/blob'
import type { SignedReceipt } from '@teahouse/protocol/blob'
import type { Address, Hex } from 'viem'
import type { NodeRecord } from '../net/directory.ts'
import type { BlobPeer, Kept } from './blob-peer.ts'
import { isOfOneNode } from './chunk-source.ts'
import { FileError, isBusy } from './errors.ts'
import type { Paying } from './paying.ts'
import { isReceiptFor, type KeepReceipt, type ReceiptCourt } from './receipts.ts'
import { allOf } from './workers.ts'

export interface SealedChunk {
  readonly root: Hex
  readonly bytes: Uint8Array
}

export interface PlacingDeps {
  readonly blobs: BlobPeer
  readonly paying: Paying
  readonly keepReceipt: KeepReceipt
  /** Whether there is a receipt of an operator for a chunk; asked of those that are there already. */
  readonly isPromised: (operator: number, root: Hex) => boolean
  readonly court: ReceiptCourt
  /** In the order in which to use them. */
  readonly nodes: readonly NodeRecord[]
  readonly copies: number
  readonly until: number
  /** Whom receipts are wanted for. */
  readonly client?: Address | undefined
  /** Asks what is there before anything is sent. */
  readonly resumed: boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly signal?: AbortSignal | undefined
}

/** How often a node that stays busy is left for another one and come back to, before it is left for good. */
const BUSY_ROUNDS = 3
/** Chunks sent to one node at a time. */
const AT_ONCE = 4

export interface Placing {
  /** Stores chunks at as many nodes as there are to be copies. Throws FileError TOO_FEW_NODES. */
  store(chunks: readonly SealedChunk[]): Promise<void>
  /** Operators that have some, in the order in which they were used. */
  readonly operators: readonly number[]
  readonly receipts: number
}

/**
 * Stores chunks at nodes. The next one takes the place of a node that fails, which is left out from then on; one that is busy only has to wait until its
 * turn comes again.
 */
export function placing(deps: PlacingDeps): Placing {
  const { blobs, paying, nodes, copies, until, client, signal } = deps
  const waiting = [...nodes]
  const active = waiting.splice(0, copies)
  const used = new Set<number>()
  const busy = new Map<string, number>()
  let receipts = 0

  /** Those that a node does not have long enough, and those that it has, without a receipt that it has been paid for. */
  async function lookAt(node: NodeRecord, chunks: readonly SealedChunk[]) {
    if (!deps.resumed) return { missing: chunks, unpromised: [] }
    const roots = chunks.map(({ root }) => root)
    const ends = await paying(node, { 'blob-get': 1 }, () => blobs.stat(node, roots, signal))
    const there = chunks.filter((_, at) => ends[at]! >= until)
    return {
      missing: chunks.filter((_, at) => ends[at]! < until),
      unpromised: client ? there.filter(({ root }) => !deps.isPromised(node.operatorId, root)) : [],
    }
  }

  /** Asks for the receipt of what is there and was paid for before a crash; costs nothing. A node that gives none keeps the chunk all the same. */
  async function askReceipt(
    node: NodeRecord,
    { root, bytes }: SealedChunk,
  ): Promise<SignedReceipt | undefined> {
    try {
      const kept = await blobs.renew(node, root, { until, client }, signal)
      return (await isGood(node, root, bytes.length, kept)) ? kept.receipt : undefined
    } catch (error) {
      signal?.throwIfAborted()
      if (isOfOneNode(error)) return undefined
      throw error
    }
  }

  async function storeAt(node: NodeRecord, chunks: readonly SealedChunk[]): Promise<void> {
    const { missing, unpromised } = await lookAt(node, chunks)
    used.add(node.operatorId)
    let left = missing.length
    const given: SignedReceipt[] = []
    try {
      await allOf(missing, AT_ONCE, async ({ root, bytes }) => {
        signal?.throwIfAborted()
        const days = blobDays(until - deps.now() / 1_000)
        const kept = await paying(node, { 'blob-day': days * left }, () =>
          blobs.put(node, bytes, { until, client }, signal),
        )
        left -= 1
        if (await isGood(node, root, bytes.length, kept)) given.push(kept.receipt!)
      })
      await allOf(unpromised, AT_ONCE, async (chunk) => {
        const receipt = await askReceipt(node, chunk)
        if (receipt) given.push(receipt)
      })
    } finally {
      // Also when another chunk of the group failed: they were paid for.
      for (const signed of given) await deps.keepReceipt(signed)
      receipts += given.length
    }
  }

  async function isGood(node: NodeRecord, root: Hex, size: number, { receipt }: Kept): Promise<boolean> {
    return (
      receipt !== undefined &&
      client !== undefined &&
      (await isReceiptFor(deps.court, node, { client, root, size, until, now: deps.now() / 1_000 }, receipt))
    )
  }

  /** Stores them at the node of a place, or at one that takes it over. */
  async function storeInPlace(place: number, chunks: readonly SealedChunk[]): Promise<void> {
    for (;;) {
      const node = active[place]!
      try {
        return await storeAt(node, chunks)
      } catch (cause) {
        signal?.throwIfAborted()
        if (!isOfOneNode(cause)) throw cause
        if (isBusy(cause)) comeBack(node)
        const next = waiting.shift()
        if (!next) throw tooFew(copies, cause)
        active[place] = next
      }
    }
  }

  function comeBack(node: NodeRecord): void {
    const rounds = (busy.get(node.peerId) ?? 0) + 1
    busy.set(node.peerId, rounds)
    if (rounds <= BUSY_ROUNDS) waiting.push(node)
  }

  return {
    async store(chunks) {
      if (active.length < copies) throw tooFew(copies)
      const ends = await Promise.allSettled(active.map((_, place) => storeInPlace(place, chunks)))
      const failure = ends.find((end) => end.status === 'rejected')
      if (failure) throw failure.reason
    },
    get operators() {
      return [...used]
    },
    get receipts() {
      return receipts
    },
  }
}

/** What needs paying is said as it is: the way on is to pay. */
function tooFew(copies: number, cause?: unknown): unknown {
  if (cause instanceof FileError && cause.code === 'TOO_MANY_REQUESTS') return cause
  const message = `There are not ${copies} nodes left that keep the file`
  return new FileError(message, { code: 'TOO_FEW_NODES', copies }, { cause })
}
