import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashSorter } from './hash-sorter.ts'
import { MAX_RUN, sortRun } from './sort-run.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'teahouse-sort-'))))
afterAll(() => rm(folder, { recursive: true }))

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const inOrder = (hashes: readonly Uint8Array[]) => [...new Set(hashes.map(hex))].sort()

async function sort(hashes: readonly Uint8Array[], runLength?: number, size = 7): Promise<string[]> {
  const sorter = hashSorter(folder, runLength)
  for (const hash of hashes) await sorter.add(hash)
  const sorted: string[] = []
  const sizes: number[] = []
  for await (const batch of sorter.sorted(size)) {
    sizes.push(batch.length / 32)
    for (let at = 0; at < batch.length; at += 32) sorted.push(hex(batch.subarray(at, at + 32)))
  }
  expect(await readdir(folder)).toEqual([])
  await sorter.close()
  expect(sizes.slice(0, -1).every((each) => each === size)).toBe(true)
  return sorted
}

/** Hashes that share their first 32 bits, and some that share more. */
const hashLike = fc
  .tuple(fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff), fc.nat(3), fc.nat(255))
  .map(([prefix, middle, last]) => {
    const hash = Buffer.alloc(32)
    hash.writeUInt32BE(prefix)
    hash[8] = middle
    hash[31] = last
    return hash
  })

describe('hashes', () => {
  it('are sorted, each once, in memory and over a file, whatever they share', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(hashLike, { maxLength: 60 }),
        fc.integer({ min: 1, max: 70 }),
        async (hashes, run) => {
          expect(await sort(hashes, run)).toEqual(inOrder(hashes))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('are sorted in runs of full length', async () => {
    const count = 2 * MAX_RUN + 10
    const all = randomBytes(32 * count)
    const hashes = Array.from({ length: count }, (_, at) => all.subarray(32 * at, 32 * at + 32))
    expect(hex(sortRun(all, MAX_RUN))).toBe(inOrder(hashes.slice(0, MAX_RUN)).join(''))
    expect(await sort(hashes, undefined, 1_024)).toEqual(inOrder(hashes))
  })

  it('may be none', async () => {
    expect(await sort([])).toEqual([])
  })
})
