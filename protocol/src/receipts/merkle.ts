import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { ReceiptError } from './errors.ts'

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

/** keccak256(0x00 ‖ data). */
export function hashLeaf(data: Uint8Array): Uint8Array {
  return keccak_256(concatBytes(LEAF, data))
}

/** keccak256(0x01 ‖ left ‖ right). */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return keccak_256(concatBytes(NODE, left, right))
}

/** All levels of a tree, from its hashed leaves (at least one) up to its root. */
export type Levels = readonly (readonly Uint8Array[])[]

/** Pairs are hashed; a last node without a sibling moves up as it is. Throws ReceiptError BAD_LEAVES if there are none. */
export function levelsOf(leaves: readonly Uint8Array[]): Levels {
  if (leaves.length === 0) throw new ReceiptError('A tree needs a leaf', { code: 'BAD_LEAVES' })
  const levels: (readonly Uint8Array[])[] = [leaves]
  for (let level = leaves; level.length > 1; levels.push(level)) {
    const below = level
    level = Array.from({ length: Math.ceil(below.length / 2) }, (_, i) => {
      const left = below[2 * i] as Uint8Array
      const right = below[2 * i + 1]
      return right === undefined ? left : hashNode(left, right)
    })
  }
  return levels
}

export function rootOf(levels: Levels): Uint8Array {
  return levels[levels.length - 1]?.[0] as Uint8Array
}

/** The siblings of leaf `index` and of what is above it, lowest first. Throws ReceiptError NO_SUCH_LEAF. */
export function pathOf(levels: Levels, index: number): Uint8Array[] {
  const count = levels[0]?.length ?? 0
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new ReceiptError(`There is no leaf ${index}`, { code: 'NO_SUCH_LEAF', index, count })
  }
  return levels.slice(0, -1).flatMap((level, height) => {
    const sibling = level[Math.floor(index / 2 ** height) ^ 1]
    return sibling === undefined ? [] : [sibling]
  })
}

/** True if `leaf`, hashed, is number `index` of `count` under `root`: what MerklePath.sol says. Throws nothing. */
export function verifyPath(
  root: Uint8Array,
  leaf: Uint8Array,
  index: number,
  count: number,
  path: readonly Uint8Array[],
): boolean {
  if (!Number.isInteger(index) || index < 0 || index >= count) return false
  let node = leaf
  let used = 0
  for (let at = index, last = count - 1; last > 0; at = Math.floor(at / 2), last = Math.floor(last / 2)) {
    const isRight = at % 2 === 1
    if (!isRight && at === last) continue
    const sibling = path[used++]
    if (sibling === undefined) return false
    node = isRight ? hashNode(sibling, node) : hashNode(node, sibling)
  }
  return used === path.length && node.length === root.length && node.every((byte, i) => byte === root[i])
}
