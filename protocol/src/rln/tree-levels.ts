import { bulkHashes, NODE_BYTES } from './poseidon-bulk.ts'

const FIRST_CAPACITY = 64

/** The nodes of a tree as bytes, one array a level, leaves first; what is not filled holds empty subtrees. */
export interface TreeLevels {
  readonly depth: number
  /** Nodes of a level that are filled or next to one; only up to the capacity. */
  level(at: number): Uint8Array
  /** Makes room for leaves 0 to `count` - 1. */
  reserve(count: number): void
  /** The root of an empty subtree of this height. */
  empty(height: number): Uint8Array
  /** Hashes the parents of nodes `from` to `to` - 1 (even numbers) of a level into the next. */
  hashParents(level: number, from: number, to: number): void
}

/** Builds the levels of an empty tree; memory grows with the leaves, to 64 MiB for 2^20. */
export function treeLevels(depth: number): TreeLevels {
  const hashes = bulkHashes()
  const empties = emptyNodes(depth)
  const levels: Uint8Array[] = Array.from({ length: depth + 1 }, () => new Uint8Array(0))
  let capacity = 0

  /** Levels have at least two nodes, so that every node but the root has its sibling. */
  function grow(to: number): void {
    for (let level = 0; level <= depth; level++) {
      const count = level === depth ? 1 : Math.max(2, to >>> level)
      const old = levels[level]!
      if (old.length === count * NODE_BYTES) continue
      const grown = new Uint8Array(count * NODE_BYTES)
      grown.set(old)
      fill(grown, old.length, empties[level]!)
      levels[level] = grown
    }
    capacity = to
  }
  grow(Math.min(FIRST_CAPACITY, 2 ** depth))

  return {
    depth,
    level: (at) => levels[at]!,
    reserve(count) {
      let to = capacity
      while (to < count) to *= 2
      if (to > capacity) grow(to)
    },
    empty: (height) => empties[height]!,
    hashParents(level, from, to) {
      const pairs = levels[level]!.subarray(from * NODE_BYTES, to * NODE_BYTES)
      hashes.hashPairs(pairs, levels[level + 1]!.subarray((from / 2) * NODE_BYTES))
    },
  }
}

/** Fills the rest of `nodes` from byte `from` on with copies of `node`, doubling what is there. */
function fill(nodes: Uint8Array, from: number, node: Uint8Array): void {
  if (from === nodes.length || node.every((byte) => byte === 0)) return
  nodes.set(node, from)
  for (let filled = node.length; from + filled < nodes.length; filled *= 2) {
    nodes.copyWithin(from + filled, from, Math.min(from + filled, nodes.length - filled))
  }
}

const emptyByHeight: Uint8Array[] = [new Uint8Array(NODE_BYTES)]

/** The roots of empty subtrees for every height from 0 (a zero leaf) to `depth`. */
function emptyNodes(depth: number): readonly Uint8Array[] {
  for (let height = emptyByHeight.length; height <= depth; height++) {
    const child = emptyByHeight[height - 1]!
    const parent = new Uint8Array(NODE_BYTES)
    bulkHashes().hashPairs(Uint8Array.from([...child, ...child]), parent)
    emptyByHeight.push(parent)
  }
  return emptyByHeight
}
