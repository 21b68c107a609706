import fc from 'fast-check'
import { concat, type Hex, keccak256, toHex, zeroHash } from 'viem'
import { describe, expect, it } from 'vitest'
import { type Absence, archiveTree, isAbsent, isPresent } from './archive.ts'
import { contentTree, isLeaf, LEAF_BYTES, leafCount } from './content.ts'
import { ReceiptError } from './errors.ts'

/** Bytes that differ from leaf to leaf. */
function bytes(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) * 7) & 255)
}

/** The tree by its definition: the left part is the largest power of two of leaves below all. */
function rootByDefinition(leaves: readonly Hex[]): Hex {
  if (leaves.length === 1) return keccak256(concat(['0x00', leaves[0]!]))
  let left = 1
  while (left * 2 < leaves.length) left *= 2
  const parts = [rootByDefinition(leaves.slice(0, left)), rootByDefinition(leaves.slice(left))]
  return keccak256(concat(['0x01', ...parts]))
}

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(ReceiptError)
    return (error as ReceiptError).code
  }
  return 'nothing thrown'
}

const SIZES = [
  1,
  2,
  255,
  256,
  257,
  511,
  512,
  513,
  768,
  769,
  7 * 256,
  8 * 256,
  8 * 256 + 1,
  9 * 256,
  17 * 256 - 1,
]

describe('the tree over content', () => {
  it.each(SIZES)('of %i bytes is what its definition says, and every leaf has a path', (size) => {
    const content = bytes(size)
    const tree = contentTree(content)
    const count = leafCount(tree.size)
    const leaves = Array.from({ length: count }, (_, i) =>
      toHex(content.subarray(i * LEAF_BYTES, (i + 1) * LEAF_BYTES)),
    )
    expect(tree.root).toBe(rootByDefinition(leaves))
    for (let index = 0; index < count; index++) {
      const proof = tree.answer(index)
      expect(proof.leaf).toBe(leaves[index])
      expect(isLeaf(tree.root, tree.size, index, proof)).toBe(true)
      for (let other = 0; other <= count; other++) {
        if (other !== index) expect(isLeaf(tree.root, tree.size, other, proof)).toBe(false)
      }
      expect(isLeaf(tree.root, tree.size, index, { ...proof, path: [...proof.path, zeroHash] })).toBe(false)
      if (proof.path.length > 0) {
        expect(isLeaf(tree.root, tree.size, index, { ...proof, path: proof.path.slice(1) })).toBe(false)
        expect(isLeaf(tree.root, tree.size, index, { ...proof, path: proof.path.slice(0, -1) })).toBe(false)
      }
    }
  })

  it('has another root for other bytes, and for one byte more or less', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 3_000 }), fc.nat(), (size, at) => {
        const content = bytes(size)
        const { root } = contentTree(content)
        const changed = Uint8Array.from(content)
        changed[at % size]! ^= 1
        expect(contentTree(changed).root).not.toBe(root)
        expect(contentTree(content.subarray(0, size - 1)).root).not.toBe(root)
        expect(contentTree(bytes(size + 1)).root).not.toBe(root)
      }),
      { numRuns: 50 },
    )
  })

  it('takes no inner node for a leaf: a leaf and a node are hashed apart', () => {
    const tree = contentTree(bytes(512))
    const [left, right] = [tree.answer(1).path[0]!, tree.answer(0).path[0]!]
    const node = concat([left, right])
    expect(isLeaf(tree.root, 64n, 0, { leaf: node, path: [] })).toBe(false)
    expect(isLeaf(tree.root, 65n, 0, { leaf: concat(['0x01', node]), path: [] })).toBe(false)
  })

  it('does not exist over nothing, and has no leaf beyond its last', () => {
    expect(codeOf(() => contentTree(new Uint8Array()))).toBe('BAD_LEAVES')
    for (const index of [1, -1, 0.5, Number.NaN]) {
      expect(codeOf(() => contentTree(bytes(256)).answer(index))).toBe('NO_SUCH_LEAF')
    }
  })
})

const hash = (n: number): Hex => keccak256(toHex(n))
const COUNTS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33]

describe('the tree over the hashes of an hour', () => {
  it.each(COUNTS)('of %i shows what is there, and that anything else is not', (count) => {
    const present = Array.from({ length: count }, (_, i) => hash(i))
    const tree = archiveTree(present)
    expect(tree.count).toBe(count)
    for (const one of present) {
      const presence = tree.presenceOf(one)!
      expect(isPresent(tree.root, count, one, presence)).toBe(true)
      expect(isPresent(tree.root, count, hash(999), presence)).toBe(false)
      expect(codeOf(() => tree.absenceOf(one))).toBe('NOT_ABSENT')
    }
    const missing = [
      ...Array.from({ length: 20 }, (_, i) => hash(1_000 + i)),
      zeroHash,
      toHex(2n ** 256n - 1n),
    ]
    for (const one of missing) {
      expect(tree.presenceOf(one)).toBeUndefined()
      const absence = tree.absenceOf(one)
      expect(isAbsent(tree.root, count, one, absence)).toBe(true)
      for (const there of present) expect(isAbsent(tree.root, count, there, absence)).toBe(false)
    }
  })

  it('can’t show that a hash is missing by neighbours that are none', () => {
    const tree = archiveTree(Array.from({ length: 9 }, (_, i) => hash(i)))
    const there = tree.hashes[4]!
    const beside = (index: number): Absence => ({
      index,
      left: tree.hashes[index - 1] ?? zeroHash,
      leftPath: tree.presenceOf(tree.hashes[index - 1] ?? zeroHash)?.path ?? [],
      right: tree.hashes[index] ?? zeroHash,
      rightPath: tree.presenceOf(tree.hashes[index] ?? zeroHash)?.path ?? [],
    })
    for (let index = 0; index <= 10; index++) expect(isAbsent(tree.root, 9, there, beside(index))).toBe(false)
    // the neighbours on both sides, as if they were adjacent
    const skipping = {
      ...beside(4),
      right: tree.hashes[5]!,
      rightPath: tree.presenceOf(tree.hashes[5]!)!.path,
    }
    expect(isAbsent(tree.root, 9, there, skipping)).toBe(false)
    // a smaller count, under which the last is not the last
    const last = { ...beside(9), index: 5 }
    expect(isAbsent(tree.root, 5, tree.hashes[8]!, last)).toBe(false)
  })

  it('does not depend on order, doubles or letter case', () => {
    const hashes = [hash(1), hash(2), hash(3)]
    const upper = hashes.map((one): Hex => `0x${one.slice(2).toUpperCase()}`)
    expect(archiveTree([...upper.reverse(), ...hashes]).root).toBe(archiveTree(hashes).root)
    expect(archiveTree([]).root).toBe(zeroHash)
    expect(codeOf(() => archiveTree(['0x12']))).toBe('BAD_LEAVES')
  })
})
