import { LedgerError } from './errors.ts'
import { hashPair, NODE_BYTES, readNode, writeNode } from './poseidon-bulk.ts'
import { treeLevels } from './tree-levels.ts'

/** The depth of RLN's trees: 2^20 members each. */
export const TREE_DEPTH = 20

/** The siblings from a leaf to the root, leaf first; an index of 0 says that the path's own side is left. */
export interface MerklePath {
  readonly elements: readonly bigint[]
  readonly indices: readonly number[]
}

/** A Merkle tree of fixed depth with zero leaves, Poseidon at every level (RLN-v2). Nodes are kept as bytes. */
export interface MembershipTree {
  readonly depth: number
  readonly root: bigint
  /** One more than the highest index ever set. */
  readonly leafCount: number
  /** Sets a leaf; 0n empties it. Throws LedgerError OUT_OF_RANGE for an index outside the tree. */
  set(index: number, leaf: bigint): void
  /** Sets consecutive leaves of 32 little-endian bytes, each below the field's order. Throws LedgerError OUT_OF_RANGE. */
  setMany(first: number, leaves: Uint8Array): void
  leaf(index: number): bigint
  path(index: number): MerklePath
  /** A copy of the nodes of a level that have a leaf below them, 32 little-endian bytes each; level 0 is the leaves. */
  nodes(level: number): Uint8Array
  /** Copies of nodes `from` to `to` - 1 of a level, empty ones included. Throws LedgerError OUT_OF_RANGE. */
  range(level: number, from: number, to: number): Uint8Array
  /** Takes over the nodes of a whole tree as `nodes` gives them, without hashing; they have to be checked by others. */
  restore(levels: readonly Uint8Array[]): void
}

/** How many nodes of a level have one of the first `leafCount` leaves below them; 1 at least for the root. */
export function nodesAt(level: number, depth: number, leafCount: number): number {
  return level === depth ? 1 : Math.ceil(leafCount / 2 ** level)
}

/** Builds an empty tree. Inner nodes are hashed in bulk when a root or a path is next read, so many sets cost little. */
export function membershipTree(depth = TREE_DEPTH): MembershipTree {
  const levels = treeLevels(depth)
  let leafCount = 0
  let stale: number[] = []

  /** Rehashes level by level, runs of neighbours together. */
  function settle(): void {
    if (stale.length === 0) return
    let changed = Uint32Array.from(stale).sort()
    stale = []
    for (let level = 0; level < depth; level++) {
      const parents = unique(changed.map((at) => at >>> 1))
      for (let at = 0; at < parents.length;) {
        const first = at
        while (parents[at + 1] === parents[at]! + 1) at++
        levels.hashParents(level, 2 * parents[first]!, 2 * (parents[at]! + 1))
        at++
      }
      changed = parents
    }
  }

  function check(index: number, end = 2 ** depth): void {
    if (Number.isInteger(index) && index >= 0 && index < end) return
    const detail = { code: 'OUT_OF_RANGE', field: 'index', value: String(index) } as const
    throw new LedgerError(`There is no leaf ${index} in a tree of depth ${depth}`, detail)
  }

  const touch = (first: number, end: number): void => {
    leafCount = Math.max(leafCount, end)
    for (let index = first; index < end; index++) stale.push(index)
  }

  function node(level: number, at: number): bigint {
    const nodes = levels.level(level)
    if ((at + 1) * NODE_BYTES <= nodes.length) return readNode(nodes, at)
    return readNode(levels.empty(level), 0)
  }

  function range(level: number, from: number, to: number): Uint8Array {
    check(level, depth + 1)
    check(to - 1, 2 ** (depth - level))
    check(from, to)
    settle()
    const copy = new Uint8Array((to - from) * NODE_BYTES)
    const nodes = levels.level(level)
    const present = nodes.subarray(from * NODE_BYTES, Math.max(from * NODE_BYTES, to * NODE_BYTES))
    copy.set(present)
    const empty = levels.empty(level)
    for (let at = present.length; at < copy.length; at += NODE_BYTES) copy.set(empty, at)
    return copy
  }

  return {
    depth,
    get root() {
      settle()
      return node(depth, 0)
    },
    get leafCount() {
      return leafCount
    },
    set(index, leaf) {
      check(index)
      levels.reserve(index + 1)
      writeNode(levels.level(0), index, leaf)
      touch(index, index + 1)
    },
    setMany(first, leaves) {
      const end = first + leaves.length / NODE_BYTES
      if (leaves.length === 0) return
      check(first)
      check(end - 1)
      levels.reserve(end)
      levels.level(0).set(leaves, first * NODE_BYTES)
      touch(first, end)
    },
    leaf(index) {
      check(index)
      return node(0, index)
    },
    path(index) {
      check(index)
      settle()
      const indices = Array.from({ length: depth }, (_, level) => (index >>> level) & 1)
      return { elements: indices.map((_, level) => node(level, (index >>> level) ^ 1)), indices }
    },
    nodes(level) {
      const count = nodesAt(level, depth, leafCount)
      return count === 0 ? new Uint8Array(0) : range(level, 0, count)
    },
    range,
    restore(given) {
      leafCount = given[0]!.length / NODE_BYTES
      stale = []
      levels.reserve(leafCount)
      given.forEach((nodes, level) => levels.level(level).set(nodes))
    },
  }
}

/** The values of a sorted array, each once. */
function unique(sorted: Uint32Array): Uint32Array<ArrayBuffer> {
  let count = 0
  for (const value of sorted) {
    if (count === 0 || sorted[count - 1] !== value) sorted[count++] = value
  }
  return sorted.slice(0, count)
}

/** The root that `leaf` hashes up to along `path`: what the circuit computes. */
export function rootOfPath(leaf: bigint, path: MerklePath): bigint {
  return path.elements.reduce(
    (node, sibling, level) => (path.indices[level] === 1 ? hashPair(sibling, node) : hashPair(node, sibling)),
    leaf,
  )
}
