import fc from 'fast-check'
import { poseidon2 } from 'poseidon-lite/poseidon2'
import { describe, expect, it } from 'vitest'
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

  it.each([-1, 2 ** 20, 0.5, NaN])('has no leaf %s', (index) => {
    const expected = expect.objectContaining({ code: 'OUT_OF_RANGE' }) as Error
    expect(() => membershipTree().set(index, 1n)).toThrow(expected)
    expect(() => membershipTree().path(index)).toThrow(expected)
  })
})
