import { LedgerError } from './errors.ts'
import { FIELD } from './field.ts'
import { NODE_BYTES, readNode } from './poseidon-bulk.ts'
import { membershipTree, type MembershipTree, type MerklePath, rootOfPath, TREE_DEPTH } from './tree.ts'

/** Leaves of a bucket are 2^12: who asks for one says only that it is about one of so many members. */
export const BUCKET_DEPTH = 12

/** A part of a tree: the leaves of one bucket and the siblings from its root to the tree's, lowest first. */
export interface Bucket {
  /** Which bucket of all trees: a member's number / 2^12, rounded down. */
  readonly number: number
  /** 32 little-endian bytes each; those left out at the end are zero. */
  readonly leaves: Uint8Array
  readonly siblings: readonly bigint[]
}

/** A bucket with everything that is needed to prove for any of its leaves. */
export interface OpenBucket {
  readonly root: bigint
  leaf(index: number): bigint
  /** The path of a member, by its number over all trees. Throws LedgerError OUT_OF_RANGE if it is in another bucket. */
  path(index: number): MerklePath
}

/** Cuts a bucket out of the tree that holds it. Throws LedgerError OUT_OF_RANGE. */
export function cutBucket(tree: MembershipTree, number: number): Bucket {
  const height = BUCKET_DEPTH
  const within = number % 2 ** (tree.depth - height)
  const first = within * 2 ** height
  const end = Math.min(first + 2 ** height, tree.leafCount)
  const leaves = end > first ? tree.range(0, first, end) : new Uint8Array(0)
  const { elements } = tree.path(first)
  return { number, leaves, siblings: elements.slice(height) }
}

/**
 * Hashes a bucket, as it came from outside, up to the root that it claims to belong to.
 * Throws LedgerError OUT_OF_RANGE for a wrong size or a value that is no field element.
 */
export function openBucket({ number, leaves, siblings }: Bucket): OpenBucket {
  const height = BUCKET_DEPTH
  if (leaves.length > NODE_BYTES * 2 ** height || leaves.length % NODE_BYTES !== 0)
    throw outOfRange('leaves', leaves.length)
  if (siblings.length !== TREE_DEPTH - height) throw outOfRange('siblings', siblings.length)
  const nodes = Array.from({ length: leaves.length / NODE_BYTES }, (_, at) => readNode(leaves, at))
  if ([...nodes, ...siblings].some((node) => node < 0n || node >= FIELD)) throw outOfRange('nodes', number)
  const tree = membershipTree(height)
  tree.setMany(0, leaves)
  const above = siblings.map((_, level) => Math.floor(number / 2 ** level) & 1)
  const root = rootOfPath(tree.root, { elements: siblings, indices: above })
  const within = (index: number): number => {
    if (Math.floor(index / 2 ** height) !== number) throw outOfRange('index', index)
    return index % 2 ** height
  }
  return {
    root,
    leaf: (index) => tree.leaf(within(index)),
    path(index) {
      const { elements, indices } = tree.path(within(index))
      return { elements: [...elements, ...siblings], indices: [...indices, ...above] }
    },
  }
}

function outOfRange(field: string, value: number): LedgerError {
  const detail = { code: 'OUT_OF_RANGE', field, value: String(value) } as const
  return new LedgerError(`The ${field} of the bucket can't be ${value}`, detail)
}
