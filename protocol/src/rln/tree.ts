import { poseidon2 } from 'poseidon-lite/poseidon2'
import { LedgerError } from './errors.ts'

/** The depth of RLN's trees: 2^20 members each. */
export const TREE_DEPTH = 20

/** The siblings from a leaf to the root, leaf first; an index of 0 says that the path's own side is left. */
export interface MerklePath {
  readonly elements: readonly bigint[]
  readonly indices: readonly number[]
}

/** A Merkle tree of fixed depth with zero leaves, Poseidon at every level (RLN-v2). */
export interface MembershipTree {
  readonly depth: number
  readonly root: bigint
  /** One more than the highest index ever set. */
  readonly leafCount: number
  /** Sets a leaf; 0n empties it. Throws LedgerError OUT_OF_RANGE for an index outside the tree. */
  set(index: number, leaf: bigint): void
  leaf(index: number): bigint
  path(index: number): MerklePath
}

/** Builds an empty tree. Inner nodes are hashed when a root or a path is next read, so many sets cost little. */
export function membershipTree(depth = TREE_DEPTH): MembershipTree {
  const empty = emptyNodes(depth)
  const levels = Array.from({ length: depth + 1 }, (): bigint[] => [])
  let stale = new Set<number>()
  const node = (level: number, at: number): bigint => levels[level]?.[at] ?? empty[level] ?? 0n

  function settle(): void {
    for (let level = 0, changed = stale; level < depth; level++) {
      const parents = new Set<number>()
      for (const at of changed) parents.add(at >>> 1)
      for (const at of parents)
        levels[level + 1]![at] = poseidon2([node(level, 2 * at), node(level, 2 * at + 1)])
      changed = parents
    }
    stale = new Set()
  }

  function check(index: number): void {
    if (Number.isInteger(index) && index >= 0 && index < 2 ** depth) return
    const detail = { code: 'OUT_OF_RANGE', field: 'index', value: String(index) } as const
    throw new LedgerError(`There is no leaf ${index} in a tree of depth ${depth}`, detail)
  }

  return {
    depth,
    get root() {
      if (stale.size > 0) settle()
      return node(depth, 0)
    },
    get leafCount() {
      return levels[0]!.length
    },
    set(index, leaf) {
      check(index)
      const leaves = levels[0]!
      while (leaves.length < index) leaves.push(0n) // stays dense: a sparse array reads slowly
      leaves[index] = leaf
      stale.add(index)
    },
    leaf(index) {
      check(index)
      return node(0, index)
    },
    path(index) {
      check(index)
      if (stale.size > 0) settle()
      const indices = Array.from({ length: depth }, (_, level) => (index >>> level) & 1)
      return { elements: indices.map((_, level) => node(level, (index >>> level) ^ 1)), indices }
    },
  }
}

/** The root that `leaf` hashes up to along `path`: what the circuit computes. */
export function rootOfPath(leaf: bigint, path: MerklePath): bigint {
  return path.elements.reduce(
    (node, sibling, level) => poseidon2(path.indices[level] === 1 ? [sibling, node] : [node, sibling]),
    leaf,
  )
}

/** The root of an empty subtree for every height from 0 (a zero leaf) to `depth`. */
function emptyNodes(depth: number): bigint[] {
  const nodes = [0n]
  for (let level = 0; level < depth; level++) nodes.push(poseidon2([nodes[level]!, nodes[level]!]))
  return nodes
}
