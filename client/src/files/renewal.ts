import { blobDays, MAX_BLOB_BYTES, MAX_BLOB_ROOTS, type SignedReceipt } from '@teahouse/protocol/blob'
import type { NodeRecord } from '../net/directory.ts'
import { type ChunkAt, isOfOneNode } from './chunk-source.ts'
import { FileError } from './errors.ts'
import { groups } from './pieces.ts'
import type { PlacingDeps } from './placing.ts'
import { isReceiptFor } from './receipts.ts'
import { allOf } from './workers.ts'

/** A chunk that a node of the reference did not prolong, and why. */
export interface NotRenewed extends Pick<ChunkAt, 'level' | 'index' | 'root'> {
  readonly operatorId: number
  readonly why: string
}

export interface Renewed {
  readonly chunks: number
  readonly receipts: number
  readonly missing: readonly NotRenewed[]
}

const AT_ONCE = 4

/** Prolongs all chunks at all nodes that have them. Throws FileError MISSING if nobody prolonged one, or why nobody did. */
export async function renewAll(
  chunks: AsyncIterable<ChunkAt>,
  deps: Omit<PlacingDeps, 'copies' | 'resumed' | 'isPromised'>,
  onProgress?: (bytes: number) => void,
): Promise<Renewed> {
  const { nodes, until, client, blobs, paying, signal } = deps
  const missing: NotRenewed[] = []
  let count = 0
  let receipts = 0
  let bytes = 0

  /** Roots that the node keeps long enough now; the reasons of the others go to `missing`. */
  async function renewAt(node: NodeRecord, group: readonly ChunkAt[]): Promise<Set<string>> {
    const done = new Set<string>()
    const given: SignedReceipt[] = []
    const failed = (chunk: ChunkAt, why: string) => {
      const { level, index, root } = chunk
      missing.push({ level, index, root, operatorId: node.operatorId, why })
    }
    const roots = group.map(({ root }) => root)
    const ends = await paying(node, { 'blob-get': 1 }, () => blobs.stat(node, roots, signal))
    for (const [at, end] of ends.entries()) {
      if (end === 0) failed(group[at]!, 'it is not there')
      else if (end >= until) done.add(group[at]!.root)
    }
    const due = group.filter(({ root }, at) => ends[at]! > 0 && !done.has(root))
    try {
      await allOf(due, AT_ONCE, async ({ root }) => {
        const at = due.findIndex((chunk) => chunk.root === root)
        const oldest = Math.min(...due.map((chunk) => ends[group.indexOf(chunk)]!))
        const units = blobDays(until - Math.max(oldest, deps.now() / 1_000)) * (due.length - at)
        const kept = await paying(node, { 'blob-day': units }, () =>
          blobs.renew(node, root, { until, client }, signal),
        )
        done.add(root)
        const asked = client && { client, root, size: MAX_BLOB_BYTES, until, now: deps.now() / 1_000 }
        if (asked && kept.receipt && (await isReceiptFor(deps.court, node, asked, kept.receipt)))
          given.push(kept.receipt)
      })
    } finally {
      for (const signed of given) await deps.keepReceipt(signed)
      receipts += given.length
    }
    return done
  }

  for await (const group of groups(chunks, MAX_BLOB_ROOTS / 4)) {
    signal?.throwIfAborted()
    const renewed = new Set<string>()
    let last: unknown
    for (const node of nodes) {
      try {
        for (const root of await renewAt(node, group)) renewed.add(root)
      } catch (error) {
        signal?.throwIfAborted()
        if (!isOfOneNode(error)) throw error
        last = error
        const why = error.message
        for (const { level, index, root } of group)
          missing.push({ level, index, root, operatorId: node.operatorId, why })
      }
    }
    const lost = group.find(({ root }) => !renewed.has(root))
    if (lost) throw nobody(lost, missing, nodes, last)
    count += group.length
    bytes += group.reduce((sum, { level, size }) => sum + (level === 0 ? size : 0), 0)
    onProgress?.(bytes)
  }
  return { chunks: count, receipts, missing }
}

function nobody(
  { level, index, root }: ChunkAt,
  missing: readonly NotRenewed[],
  nodes: readonly NodeRecord[],
  cause: unknown,
): unknown {
  if (cause instanceof FileError && cause.code === 'TOO_MANY_REQUESTS') return cause
  const asked = missing
    .filter((one) => one.root === root)
    .map(({ operatorId, why }) => ({
      peerId: nodes.find((node) => node.operatorId === operatorId)?.peerId ?? String(operatorId),
      why,
    }))
  const message = `No node has prolonged chunk ${index} of level ${level}`
  return new FileError(message, { code: 'MISSING', level, index, root, asked }, { cause })
}
