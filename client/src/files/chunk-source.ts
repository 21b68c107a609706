import { BLOB_STATUS } from '@teahouse/protocol/blob'
import { bytesToHex, type Hex } from 'viem'
import type { NodeRecord } from '../net/directory.ts'
import { NetError } from '../net/errors.ts'
import { isPaidInVain, isUnpaid } from '../payments/errors.ts'
import type { BlobPeer } from './blob-peer.ts'
import { type Asked, FileError } from './errors.ts'
import { chunkCount, spanOf, topLevel } from './layout.ts'
import type { Paying } from './paying.ts'
import type { FileReference } from './reference.ts'
import { openChunk, type Place } from './seal.ts'
import { inOrder } from './workers.ts'

/** A chunk of a file: where it stands, where it lies, and how many bytes of the file are below it. */
export interface ChunkAt extends Place {
  readonly root: Hex
  readonly size: number
}

/** A node that did not give a chunk which it should have. */
export interface Fault extends Place, Asked {
  readonly root: Hex
}

export interface ChunkSourceDeps {
  readonly blobs: BlobPeer
  readonly paying: Paying
  /** In the order in which to ask. */
  readonly nodes: readonly NodeRecord[]
  readonly signal?: AbortSignal | undefined
  readonly onFault?: ((fault: Fault) => void) | undefined
  /** Told of each node that did not show a chunk which another one has; must not throw. */
  readonly onWithheld?: ((node: NodeRecord, root: Hex) => Promise<void>) | undefined
}

/** Chunks that are asked for at a time, and paid for together. */
const AHEAD = 8

/** Gets the chunks of a file from whichever node has them, checked and opened. */
export function chunkSource(file: FileReference, deps: ChunkSourceDeps) {
  const { blobs, paying, signal, onFault, onWithheld } = deps
  let order = deps.nodes
  const liars = new Set<string>()

  async function tryAll({ level, index, root }: ChunkAt): Promise<Uint8Array> {
    const asked: Asked[] = []
    const without: NodeRecord[] = []
    let unpaid: Error | undefined
    for (const node of order) {
      signal?.throwIfAborted()
      if (liars.has(node.peerId)) continue
      try {
        const chunk = await paying(node, { 'blob-get': AHEAD }, () => blobs.get(node, root, signal))
        for (const one of without) void onWithheld?.(one, root)
        if (order[0] !== node) order = [node, ...order.filter((one) => one !== node)]
        return chunk
      } catch (error) {
        if (!isOfOneNode(error)) throw error
        const fault = { level, index, root, peerId: node.peerId, why: error.message }
        asked.push({ peerId: fault.peerId, why: fault.why })
        onFault?.(fault)
        if (error instanceof NetError && error.code === 'BAD_ANSWER') liars.add(node.peerId)
        if (liars.has(node.peerId) || hasNot(error)) without.push(node)
        if (isUnpaid(error) || (error as FileError).code === 'TOO_MANY_REQUESTS') unpaid ??= error
      }
    }
    if (unpaid) throw unpaid
    const detail = { code: 'MISSING', level, index, root, asked } as const
    const who = asked.map(({ peerId }) => peerId).join(', ') || 'no node'
    throw new FileError(`No node has chunk ${index} of level ${level}; asked: ${who}`, detail)
  }

  /** The data of a chunk. Throws FileError MISSING, NOT_THE_FILE, TOO_MANY_REQUESTS; PayError. */
  async function dataOf(at: ChunkAt): Promise<Uint8Array> {
    const data = openChunk(file.key, at, await tryAll(at))
    const expected = at.level === 0 ? at.size : 32 * chunkCount(at.size, at.level - 1)
    if (data?.length === expected) return data
    const { level, index } = at
    throw new FileError('A chunk is not of this file, or the key is another', {
      code: 'NOT_THE_FILE',
      level,
      index,
    })
  }

  function below({ level, index, size }: ChunkAt, list: Uint8Array, listLength: number): ChunkAt[] {
    const span = spanOf(level - 1)
    return Array.from({ length: list.length / 32 }, (_, at) => ({
      level: level - 1,
      index: index * listLength + at,
      root: bytesToHex(list.subarray(32 * at, 32 * (at + 1))),
      size: Math.min(span, size - at * span),
    }))
  }

  async function* walk(at: ChunkAt): AsyncGenerator<ChunkAt> {
    yield at
    if (at.level === 0) return
    const children = below(at, await dataOf(at), spanOf(at.level) / spanOf(at.level - 1))
    for (const child of children) yield* walk(child)
  }

  const top: ChunkAt = { level: topLevel(file.size), index: 0, root: file.root, size: file.size }

  async function* read(at: ChunkAt): AsyncGenerator<Uint8Array> {
    if (at.level === 0) {
      yield await dataOf(at)
      return
    }
    const children = below(at, await dataOf(at), spanOf(at.level) / spanOf(at.level - 1))
    if (at.level === 1) yield* inOrder(children, AHEAD, dataOf)
    else for (const child of children) yield* read(child)
  }

  return {
    /** The bytes of the file in order. Throws FileError MISSING, NOT_THE_FILE, TOO_MANY_REQUESTS; PayError. */
    read: () => read(top),
    /** All chunks, lists before what they name. Only lists are fetched. Throws as `read`. */
    chunks: () => walk(top),
  }
}

const hasNot = (error: Error) =>
  error instanceof FileError &&
  error.detail.code === 'REFUSED' &&
  error.detail.status === BLOB_STATUS.notFound

/** Whether another node may do better. */
export const isOfOneNode = (error: unknown): error is Error =>
  error instanceof NetError || error instanceof FileError || isUnpaid(error) || isPaidInVain(error)
