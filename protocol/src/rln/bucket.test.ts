import { describe, expect, it } from 'vitest'
import { type Bucket, BUCKET_DEPTH, cutBucket, openBucket } from './bucket.ts'
import { FIELD } from './field.ts'
import { writeNode } from './poseidon-bulk.ts'
import { membershipTree, rootOfPath } from './tree.ts'

const SIZE = 2 ** BUCKET_DEPTH
const tree = membershipTree()
for (const index of [0, 1, 5, SIZE, SIZE + 77, 3 * SIZE - 1]) tree.set(index, BigInt(index) + 1n)

describe('a bucket', () => {
  it.each([0, 1, SIZE + 77, SIZE + 78, 3 * SIZE - 1])(
    'proves leaf %i under the root of the tree',
    (index) => {
      const opened = openBucket(cutBucket(tree, Math.floor(index / SIZE)))
      expect(opened.root).toBe(tree.root)
      expect(opened.leaf(index)).toBe(tree.leaf(index))
      expect(opened.path(index)).toEqual(tree.path(index))
      expect(rootOfPath(tree.leaf(index), opened.path(index))).toBe(tree.root)
    },
  )

  it('is small where the tree is empty, and still belongs to it', () => {
    const bucket = cutBucket(tree, 9)
    expect(bucket.leaves).toHaveLength(0)
    expect(openBucket(bucket).root).toBe(tree.root)
  })

  it('of another tree has the number of that tree and its own sides', () => {
    const number = 2 ** (20 - BUCKET_DEPTH) + 1
    const opened = openBucket(cutBucket(tree, number))
    expect(opened.root).toBe(tree.root)
    const index = 2 ** 20 + SIZE + 77
    expect(opened.path(index)).toEqual(tree.path(SIZE + 77))
  })

  it('hashes up to another root when any leaf or sibling is another', () => {
    const good = cutBucket(tree, 1)
    const leaves = good.leaves.slice()
    leaves[32 * 77]! ^= 1
    expect(openBucket({ ...good, leaves }).root).not.toBe(tree.root)
    const siblings = good.siblings.with(3, 5n)
    expect(openBucket({ ...good, siblings }).root).not.toBe(tree.root)
    expect(openBucket({ ...good, number: 0 }).root).not.toBe(tree.root)
  })
})

describe('when it must refuse', () => {
  const outside = new Uint8Array(32)
  writeNode(outside, 0, FIELD)
  it.each<{ given: string; change: Partial<Bucket> }>([
    { given: 'too many leaves', change: { leaves: new Uint8Array(32 * (SIZE + 1)) } },
    { given: 'half a leaf', change: { leaves: new Uint8Array(16) } },
    { given: 'a sibling less', change: { siblings: [1n] } },
    { given: 'a leaf that is no field element', change: { leaves: outside } },
    { given: 'a sibling that is no field element', change: { siblings: Array<bigint>(8).fill(FIELD) } },
  ])('$given', ({ change }) => {
    expect(() => openBucket({ ...cutBucket(tree, 1), ...change })).toThrow(
      expect.objectContaining({ code: 'OUT_OF_RANGE' }) as Error,
    )
  })

  it('a member of another bucket', () => {
    expect(() => openBucket(cutBucket(tree, 1)).path(5)).toThrow(
      expect.objectContaining({ code: 'OUT_OF_RANGE' }) as Error,
    )
  })
})
