import { ledgerTrees, type LedgerTreesConfig } from './ledger-trees.ts'
import { membershipTree, type MerklePath, TREE_DEPTH } from './tree.ts'
import type { RootStatus } from './root-window.ts'

/**
 * The members that name one operator as their home, in trees of their own: the leaves are those of the members' tree, in the order
 * in which members came to this home. Who leaves it, or the registry, leaves an empty place; who comes back gets a new one. So the
 * same events give every reader the same root.
 */
export interface HomeMembers {
  readonly operatorId: number
  /** Members with a leaf now: the set in which a proof under the newest root hides its maker. */
  readonly count: number
  has(index: number): boolean
  /** The path of a member's leaf, by its number in the registry; undefined without one. */
  path(index: number): MerklePath | undefined
  rootOf(index: number): bigint | undefined
  /** The newest roots, oldest tree first. */
  roots(): bigint[]
  rootStatus(root: bigint, nowSeconds: number): RootStatus
}

/** The same for the ledger, which tells it of changes. */
export interface KeptHome extends HomeMembers {
  open(timestamp: number): void
  /** A member named this home; its leaf is 0 unless it is active. */
  enter(index: number, leaf: bigint): void
  /** A member named another home. */
  leave(index: number): void
  /** A member's leaf in the registry became zero. */
  close(index: number): void
}

/** Builds the set of a home as it stands at `startedAt` (unix seconds): all that came to it before, in order, with the leaves of those that are there. */
export function homeMembers(
  operatorId: number,
  config: LedgerTreesConfig,
  before: { readonly places: readonly bigint[]; readonly members: ReadonlyMap<number, number> },
  startedAt: number | undefined,
): KeptHome {
  const places = new Map<number, number>(before.members)
  const occupied = new Set<number>()
  const trees = ledgerTrees(config, { trees: filled(config.depth ?? TREE_DEPTH, before.places), startedAt })
  let next = before.places.length
  for (const [index, place] of places) if (before.places[place] !== 0n) occupied.add(index)

  function close(index: number): void {
    if (occupied.delete(index)) trees.set(places.get(index)!, 0n)
  }

  return {
    operatorId,
    get count() {
      return occupied.size
    },
    has: (index) => occupied.has(index),
    path: (index) => (occupied.has(index) ? trees.path(places.get(index)!) : undefined),
    rootOf: (index) => (occupied.has(index) ? trees.rootOf(places.get(index)!) : undefined),
    roots: trees.roots,
    rootStatus: trees.status,
    open: trees.open,
    enter(index, leaf) {
      if (places.has(index)) return
      places.set(index, next)
      if (leaf !== 0n) {
        occupied.add(index)
        trees.set(next, leaf)
      }
      next++
    },
    leave(index) {
      close(index)
      places.delete(index)
    },
    close,
  }
}

function filled(depth: number, leaves: readonly bigint[]) {
  const capacity = 2 ** depth
  return Array.from({ length: Math.max(1, Math.ceil(leaves.length / capacity)) }, (_, at) => {
    const tree = membershipTree(depth)
    leaves
      .slice(at * capacity, (at + 1) * capacity)
      .forEach((leaf, place) => leaf !== 0n && tree.set(place, leaf))
    return tree
  })
}
