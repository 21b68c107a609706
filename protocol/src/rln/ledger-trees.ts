import { rootWindow, type RootStatus } from './root-window.ts'
import { membershipTree, type MembershipTree, type MerklePath, TREE_DEPTH } from './tree.ts'

export interface LedgerTreesConfig {
  readonly depth?: number | undefined
  /** How long a replaced root stays valid after the block that replaced it. */
  readonly rootWindowSeconds: number
  /** Unix seconds before which nobody will ask: roots that expire earlier are not even computed. */
  readonly startSeconds?: number | undefined
}

/** Trees that leaves fill one after the other, and which of their roots count. */
export interface LedgerTrees {
  readonly trees: readonly MembershipTree[]
  /** A block of this time (unix seconds) begins: a root is replaced once in a block, whatever changes in it. */
  open(timestamp: number): void
  /** Sets a leaf; places are counted over all trees. */
  set(place: number, leaf: bigint): void
  path(place: number): MerklePath
  /** The newest root of the tree that has this place. */
  rootOf(place: number): bigint
  /** The newest roots, oldest tree first. */
  roots(): bigint[]
  status(root: bigint, nowSeconds: number): RootStatus
}

/** Builds them empty, or takes over trees as they stood at `startedAt` (unix seconds). */
export function ledgerTrees(
  config: LedgerTreesConfig,
  start: { readonly trees: readonly MembershipTree[]; readonly startedAt?: number | undefined } = {
    trees: [],
  },
): LedgerTrees {
  const { depth = TREE_DEPTH, rootWindowSeconds, startSeconds = 0 } = config
  const capacity = 2 ** depth
  const trees = start.trees.length > 0 ? [...start.trees] : [membershipTree(depth)]
  const window = rootWindow(rootWindowSeconds)
  const replaced = new Set<MembershipTree>() // trees whose root before this block is in the window
  let now = start.startedAt

  const treeOf = (place: number): MembershipTree => {
    const at = Math.floor(place / capacity)
    while (trees.length <= at) trees.push(membershipTree(depth))
    return trees[at]!
  }

  return {
    trees,
    open(timestamp) {
      replaced.clear()
      now = timestamp
      window.prune(timestamp)
    },
    set(place, leaf) {
      const tree = treeOf(place)
      if (now !== undefined && !replaced.has(tree) && now + rootWindowSeconds >= startSeconds) {
        replaced.add(tree)
        window.replace(tree.root, now)
      }
      tree.set(place % capacity, leaf)
    },
    path: (place) => treeOf(place).path(place % capacity),
    rootOf: (place) => treeOf(place).root,
    roots: () => trees.map(({ root }) => root),
    status(root, nowSeconds) {
      if (trees.some((tree) => tree.root === root)) return 'current'
      return window.status(root, nowSeconds)
    },
  }
}
