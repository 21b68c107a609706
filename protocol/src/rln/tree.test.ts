import fc from 'fast-check'
import { poseidon2 } from 'poseidon-lite/poseidon2'
import { describe, expect, it } from 'vitest'
import { readNode, writeNode } from './poseidon-bulk.ts'
import { membershipTree, rootOfPath } from './tree.ts'

/** The definition, level by level. */
function rootOf(leaves: readonly bigint[], depth: number): bigint {
  let nodes = Array.from({ length: 2 ** depth }, (_, at) => leaves[at] ?? 0n)
  while (nodes.length > 1) {
    nodes = Array.from({ length: nodes.length / 2 }, (_, at) =>
      poseidon2([nodes[2 * at]!, nodes[2 * at + 1]!]),
    )
  }
  return nodes[0]!
}

describe('the membership tree', () => {
  it('has the root of its definition after any sets', () => {
    const sets = fc.array(fc.tuple(fc.nat(15), fc.bigInt(0n, 1n << 250n)), { maxLength: 24 })
    fc.assert(
      fc.property(sets, (changes) => {
        const tree = membershipTree(4)
        const leaves: bigint[] = []
        for (const [index, leaf] of changes) {
          tree.set(index, leaf)
          leaves[index] = leaf
          if (index % 3 === 0) void tree.root // reading in between changes nothing
        }
        expect(tree.root).toBe(rootOf(leaves, 4))
        expect(tree.leafCount).toBe(leaves.length)
      }),
      { numRuns: 30 },
    )
  })

  it('proves every leaf, also an empty one, by a path of its full depth', () => {
    const tree = membershipTree()
    for (const index of [0, 1, 5, 2 ** 20 - 1]) {
      const path = tree.path(index)
      expect(path.elements).toHaveLength(20)
      expect(rootOfPath(0n, path)).toBe(tree.root)
    }
    tree.set(5, 77n)
    expect(rootOfPath(77n, tree.path(5))).toBe(tree.root)
    expect(rootOfPath(0n, tree.path(4))).toBe(tree.root)
    expect(rootOfPath(78n, tree.path(5))).not.toBe(tree.root)
  })

  it('is empty again when its leaves are zeroed', () => {
    const tree = membershipTree()
    const { root } = tree
    tree.set(3, 9n)
    expect(tree.root).not.toBe(root)
    tree.set(3, 0n)
    expect(tree.root).toBe(root)
    expect(tree.leaf(3)).toBe(0n)
  })

  it('takes many leaves at once, wherever they begin', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.array(fc.bigInt(1n, 1n << 250n), { maxLength: 90 }), (first, leaves) => {
        const [one, many] = [membershipTree(8), membershipTree(8)]
        one.set(2, 9n)
        many.set(2, 9n)
        void many.root
        const bytes = new Uint8Array(32 * leaves.length)
        leaves.forEach((leaf, at) => {
          one.set(first + at, leaf)
          writeNode(bytes, at, leaf)
        })
        many.setMany(first, bytes)
        expect(many.root).toBe(one.root)
        expect(many.leafCount).toBe(one.leafCount)
        expect(many.path(first)).toEqual(one.path(first))
      }),
      { numRuns: 30 },
    )
  })

  it.each([0, 1, 2, 5, 64, 65, 300])('gives out and takes back its nodes, with %i leaves', (count) => {
    const tree = membershipTree(10)
    for (let leaf = 0; leaf < count; leaf++) tree.set(leaf, BigInt(leaf) + 1n)
    const copy = membershipTree(10)
    copy.restore(Array.from({ length: 11 }, (_, level) => tree.nodes(level)))
    expect(copy.root).toBe(tree.root)
    expect(copy.leafCount).toBe(count)
    for (const index of [0, 3, 299, 1_023]) expect(copy.path(index)).toEqual(tree.path(index))
    copy.set(7, 1n)
    tree.set(7, 1n)
    expect(copy.root).toBe(tree.root)
  })

  it('gives ranges of nodes, empty ones included', () => {
    const tree = membershipTree(10)
    tree.set(1, 5n)
    const pairs = tree.range(0, 0, 512)
    expect(readNode(pairs, 1)).toBe(5n)
    expect(readNode(tree.range(1, 200, 201), 0)).toBe(poseidon2([0n, 0n]))
    expect(readNode(tree.range(1, 0, 1), 0)).toBe(poseidon2([0n, 5n]))
    for (const [level, from, to] of [
      [0, 0, 1_025],
      [11, 0, 1],
      [10, 0, 2],
      [0, 3, 3],
      [-1, 0, 1],
    ] as const)
      // prettier-ignore
      expect(() => tree.range(level, from, to)).toThrow(expect.objectContaining({ code: 'OUT_OF_RANGE' }) as Error)
  })

  it.each([-1, 2 ** 20, 0.5, NaN])('has no leaf %s', (index) => {
    const expected = expect.objectContaining({ code: 'OUT_OF_RANGE' }) as Error
    expect(() => membershipTree().set(index, 1n)).toThrow(expected)
    expect(() => membershipTree().path(index)).toThrow(expected)
  })
})
