import { randomBytes } from 'node:crypto'
import { bytesToHex } from 'viem'
import { describe, expect, it } from 'vitest'
import type { RootBook, RootRecord, Speaker } from '../book.ts'
import { SHARD, SPEAKER } from './roots.ts'

/** What every book does, in whatever database. `open` opens one more book over the same database. */
export function bookSuite(name: string, open: (of?: Speaker) => RootBook): void {
  let hour = 1_000n
  const parts = (count: number) =>
    Array.from({ length: count }, () => ({
      hashes: new Uint8Array(randomBytes(64)),
      node: new Uint8Array(randomBytes(32)),
    }))
  const record = (set: string, over: Partial<RootRecord> = {}): RootRecord => ({
    operator: 2 ** 32 - 1,
    cluster: SPEAKER.cluster,
    shard: SHARD,
    hour,
    count: 2 ** 32 - 1,
    root: bytesToHex(randomBytes(32)),
    liability: 2n ** 128n - 1n,
    set,
    ...over,
  })

  describe(name, () => {
    it('gives back what was recorded, to the last digit, and its parts in order', async () => {
      const book = open()
      const said = record('whole')
      const all = parts(3)
      await book.addParts('whole', 0, all.slice(0, 2))
      await book.addParts('whole', 2, all.slice(2))
      expect(await book.record(said)).toEqual(said)
      expect(await book.find(SHARD, hour)).toEqual(said)
      const entries = await book.entries('whole')
      expect(entries.map(({ node }) => bytesToHex(node))).toEqual(all.map(({ node }) => bytesToHex(node)))
      expect(entries.map(({ first }) => bytesToHex(first))).toEqual(
        all.map(({ hashes }) => bytesToHex(hashes.subarray(0, 32))),
      )
      expect(bytesToHex((await book.part('whole', 2))!)).toBe(bytesToHex(all[2]!.hashes))
      expect(await book.part('whole', 3)).toBeUndefined()
    })

    it('keeps the first root of an hour, whatever comes later', async () => {
      hour += 1n
      const book = open()
      const first = record('first')
      await book.record(first)
      expect(await book.record(record('second'))).toEqual(first)
      expect(await book.record(record('third', { count: 0, operator: 1 }))).toEqual(first)
      expect(await book.find(SHARD, hour)).toEqual(first)
    })

    it('tells shards, hours and speakers apart', async () => {
      hour += 1n
      const book = open()
      await book.record(record('here'))
      expect(await book.find(SHARD + 1, hour)).toBeUndefined()
      expect(await book.find(SHARD, hour + 1n)).toBeUndefined()
      for (const change of [{ chainId: 1 }, { court: SPEAKER.node }, { node: SPEAKER.court }, { cluster: 1 }])
        expect(await open({ ...SPEAKER, ...change }).find(SHARD, hour)).toBeUndefined()
      expect(
        await open({ ...SPEAKER, node: SPEAKER.node.toLowerCase() as `0x${string}` }).find(SHARD, hour),
      ).toBeDefined()
    })

    it('lets go the hashes of old hours step by step, and never what was said', async () => {
      hour += 1n
      const book = open()
      const said = record('old')
      await book.addParts('old', 0, parts(150))
      await book.record(said)
      await book.addParts('new', 0, parts(2))
      await book.record(record('new', { hour: hour + 1n }))
      let steps = 0
      while (await book.prune(hour + 1n)) steps += 1
      expect(steps).toBeGreaterThan(2)
      expect(await book.find(SHARD, hour)).toEqual({ ...said, set: '' })
      expect(await book.entries('old')).toEqual([])
      expect(await book.entries('new')).toHaveLength(2)
      expect(await book.record(record('again'))).toEqual({ ...said, set: '' })
      hour += 1n
    })

    it('drops a set that lost', async () => {
      const book = open()
      await book.addParts('lost', 0, parts(130))
      await book.dropSet('lost')
      expect(await book.entries('lost')).toEqual([])
    })
  })
}
