import { hashLeaf, levelsOf, pathOf, rootOf } from './merkle.ts'

/** Hashes in a part; the last part has what is left. A power of two, so that every other part is a whole subtree. */
export const PART_HASHES = 512
const HASH_BYTES = 32

/** A part of the sorted hashes of an hour: what is below one node of their tree. */
export interface ArchivePart {
  /** What stands for the part among the nodes that `joinParts` takes. */
  readonly node: Uint8Array
  /** The path of hash `index` of the part up to `node`, lowest first. Throws ReceiptError NO_SUCH_LEAF. */
  pathOf(index: number): Uint8Array[]
}

/** The tree above its parts. */
export interface JoinedParts {
  /** 32 zero bytes if there are none. */
  readonly root: Uint8Array
  /** The path from a part's node up to the root, lowest first. Throws ReceiptError NO_SUCH_LEAF. */
  pathOf(part: number): Uint8Array[]
}

/**
 * One part of the tree that `archiveTree` makes of all hashes at once, for archives that don't fit in memory. `hashes` are at most
 * {@link PART_HASHES} message hashes, ascending, joined; the path of a hash is its path in the part, and the part's. Throws ReceiptError
 * BAD_LEAVES if there are none.
 */
export function archivePart(hashes: Uint8Array): ArchivePart {
  const count = Math.floor(hashes.length / HASH_BYTES)
  const leaves = Array.from({ length: count }, (_, at) =>
    hashLeaf(hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)),
  )
  const levels = levelsOf(leaves)
  return { node: rootOf(levels), pathOf: (index) => pathOf(levels, index) }
}

/** Joins the nodes of all parts of an hour, in their order. */
export function joinParts(nodes: readonly Uint8Array[]): JoinedParts {
  const levels = nodes.length === 0 ? [[]] : levelsOf(nodes)
  return {
    root: nodes.length === 0 ? new Uint8Array(HASH_BYTES) : rootOf(levels),
    pathOf: (part) => pathOf(levels, part),
  }
}
