import { bytesToHex, type Hex, hexToBytes } from 'viem'
import { hashLeaf, levelsOf, pathOf, rootOf, verifyPath } from './merkle.ts'

/** Bytes in a leaf; the last leaf has what is left. */
export const LEAF_BYTES = 256

/** The tree over some content: what a storage receipt names, and what an answer to a challenge is made of. */
export interface ContentTree {
  readonly root: Hex
  /** Of the content, in bytes. */
  readonly size: bigint
  /** Throws ReceiptError NO_SUCH_LEAF. */
  answer(index: number): LeafProof
}

/** Leaf and path, as RetrievalCourt.answer takes them. */
export interface LeafProof {
  readonly leaf: Hex
  readonly path: readonly Hex[]
}

/** How many leaves content of `size` bytes has. */
export function leafCount(size: bigint): number {
  return Number((size + BigInt(LEAF_BYTES) - 1n) / BigInt(LEAF_BYTES))
}

/** Hashes `content`, of which it keeps a reference. Throws ReceiptError BAD_LEAVES if it is empty. */
export function contentTree(content: Uint8Array): ContentTree {
  const leafAt = (index: number) => content.subarray(index * LEAF_BYTES, (index + 1) * LEAF_BYTES)
  const size = BigInt(content.length)
  const levels = levelsOf(Array.from({ length: leafCount(size) }, (_, index) => hashLeaf(leafAt(index))))
  return {
    root: bytesToHex(rootOf(levels)),
    size,
    answer(index) {
      const path = pathOf(levels, index).map((node) => bytesToHex(node))
      return { leaf: bytesToHex(leafAt(index)), path }
    },
  }
}

/** True if `leaf` is number `index` of content of `size` bytes under `root`: what RetrievalCourt.isLeaf says. */
export function isLeaf(root: Hex, size: bigint, index: number, { leaf, path }: LeafProof): boolean {
  const data = hexToBytes(leaf)
  const rest = size - BigInt(index) * BigInt(LEAF_BYTES)
  const expected = rest < LEAF_BYTES ? Number(rest) : LEAF_BYTES
  if (data.length !== expected) return false
  const nodes = path.map((node) => hexToBytes(node))
  return verifyPath(hexToBytes(root), hashLeaf(data), index, leafCount(size), nodes)
}
