import { bytesToHex, concat, type Hex, hexToBytes, keccak256, toHex } from 'viem'
import { describe, expect, it } from 'vitest'
import { archiveTree, isPresent } from './archive.ts'
import { archivePart, joinParts, PART_HASHES } from './archive-parts.ts'

const COUNTS = [0, 1, 2, 3, 511, 512, 513, 1_024, 1_025, 1_535, 3 * 512 + 3]

describe('the tree of an hour in parts', () => {
  it.each(COUNTS)('of %i hashes is the tree of all of them', (count) => {
    const tree = archiveTree(Array.from({ length: count }, (_, at) => keccak256(toHex(at))))
    const parts = []
    for (let from = 0; from < count; from += PART_HASHES)
      parts.push(archivePart(hexToBytes(concat([...tree.hashes.slice(from, from + PART_HASHES)]))))
    const joined = joinParts(parts.map(({ node }) => node))
    expect(bytesToHex(joined.root)).toBe(tree.root)
    const places = [0, 1, 255, 511, 512, 1_023, count - 3, count - 2, count - 1]
    for (const index of places.filter((place) => place >= 0 && place < count)) {
      const part = Math.floor(index / PART_HASHES)
      const path: Hex[] = [...parts[part]!.pathOf(index % PART_HASHES), ...joined.pathOf(part)].map((node) =>
        bytesToHex(node),
      )
      const hash = tree.hashes[index]!
      expect(path).toEqual(tree.presenceOf(hash)!.path)
      expect(isPresent(tree.root, count, hash, { index, path })).toBe(true)
    }
  })

  it('has no part without hashes', () => {
    expect(() => archivePart(new Uint8Array())).toThrow(
      expect.objectContaining({ detail: { code: 'BAD_LEAVES' } }),
    )
    expect(() => joinParts([]).pathOf(0)).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ code: 'NO_SUCH_LEAF' }) }),
    )
  })
})
