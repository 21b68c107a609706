import { bytesToHex, type Hex, hexToBytes, zeroHash } from 'viem'
import { ReceiptError } from './errors.ts'
import { hashLeaf, type Levels, levelsOf, pathOf, rootOf, verifyPath } from './merkle.ts'

/** The tree over the sorted message hashes of one hour: what an archive root names. */
export interface ArchiveTree {
  /** 0 for an empty hour. */
  readonly root: Hex
  readonly count: number
  /** The hashes in ascending order, each once. */
  readonly hashes: readonly Hex[]
  /** Shows that `hash` is none of them. Throws ReceiptError NOT_ABSENT if it is, BAD_LEAVES if it is no hash. */
  absenceOf(hash: Hex): Absence
  /** Number and path of `hash`, undefined if it is none of them. */
  presenceOf(hash: Hex): Presence | undefined
}

/** That a hash is one of the sorted ones. */
export interface Presence {
  readonly index: number
  readonly path: readonly Hex[]
}

/** That a hash is none of the sorted ones: its neighbours, as ArchiveCourt takes them. */
export interface Absence {
  /** How many are smaller. */
  readonly index: number
  /** The next smaller one; 0 and no path if there is none. */
  readonly left: Hex
  readonly leftPath: readonly Hex[]
  /** The next greater one; 0 and no path if there is none. */
  readonly right: Hex
  readonly rightPath: readonly Hex[]
}

/** Sorts and hashes message hashes of 32 bytes; one that comes twice counts once. Throws ReceiptError BAD_LEAVES. */
export function archiveTree(messageHashes: Iterable<Hex>): ArchiveTree {
  const hashes = [...new Set(Array.from(messageHashes, normal))].sort()
  const levels = hashes.length === 0 ? undefined : levelsOf(hashes.map((hash) => hashLeaf(hexToBytes(hash))))
  const neighbour = (index: number): { hash: Hex; path: readonly Hex[] } => {
    const hash = hashes[index]
    return hash === undefined || levels === undefined
      ? { hash: zeroHash, path: [] }
      : { hash, path: hexPath(levels, index) }
  }
  return {
    root: levels === undefined ? zeroHash : bytesToHex(rootOf(levels)),
    count: hashes.length,
    hashes,
    absenceOf(wanted) {
      const hash = normal(wanted)
      const index = position(hashes, hash)
      if (hashes[index] === hash) throw new ReceiptError('It is there', { code: 'NOT_ABSENT', hash })
      const [left, right] = [neighbour(index - 1), neighbour(index)]
      return { index, left: left.hash, leftPath: left.path, right: right.hash, rightPath: right.path }
    },
    presenceOf(wanted) {
      const hash = normal(wanted)
      const index = position(hashes, hash)
      if (levels === undefined || hashes[index] !== hash) return undefined
      return { index, path: hexPath(levels, index) }
    },
  }
}

/** True if `absence` shows that `hash` is none of `count` sorted hashes under `root`: what ArchiveCourt.isAbsent says. */
export function isAbsent(root: Hex, count: number, hash: Hex, absence: Absence): boolean {
  const { index } = absence
  const wanted = normal(hash)
  if (index > count) return false
  if (index !== 0) {
    if (normal(absence.left) >= wanted) return false
    if (!isPresent(root, count, absence.left, { index: index - 1, path: absence.leftPath })) return false
  }
  if (index === count) return true
  if (normal(absence.right) <= wanted) return false
  return isPresent(root, count, absence.right, { index, path: absence.rightPath })
}

/** True if `presence` shows that `hash` is one of `count` hashes under `root`. */
export function isPresent(root: Hex, count: number, hash: Hex, { index, path }: Presence): boolean {
  const nodes = path.map((node) => hexToBytes(node))
  return verifyPath(hexToBytes(root), hashLeaf(hexToBytes(hash)), index, count, nodes)
}

function hexPath(levels: Levels, index: number): Hex[] {
  return pathOf(levels, index).map((node) => bytesToHex(node))
}

/** How many of the sorted `hashes` are smaller than `hash`. */
function position(hashes: readonly Hex[], hash: Hex): number {
  let [low, high] = [0, hashes.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((hashes[middle] as Hex) < hash) low = middle + 1
    else high = middle
  }
  return low
}

/** Lower case, so that text compares like bytes. */
function normal(hash: Hex): Hex {
  if (/^0x[0-9a-fA-F]{64}$/.test(hash)) return hash.toLowerCase() as Hex
  throw new ReceiptError('Not a hash of 32 bytes', { code: 'BAD_LEAVES' })
}
