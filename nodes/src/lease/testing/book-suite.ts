import type { LeaseClaim } from '@teahouse/protocol/lease'
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { LeaseBook } from '../book.ts'

const bytes = (length: number) => new Uint8Array(randomBytes(length))

/** What every book does, in whatever database. `open` opens one more book of the same node over the same database. */
export function bookSuite(name: string, open: () => LeaseBook): void {
  let epoch = 1_000n
  const key = bytes(32)
  const claim = (first: number, end: number, over: Partial<LeaseClaim> = {}): LeaseClaim => {
    return { key, epoch, first, end, nonce: bytes(16), signature: bytes(64), ...over }
  }

  describe(name, () => {
    it('enters a claim that begins at the mark or behind it, and keeps the one that stands', async () => {
      const book = open()
      const [one, two] = [claim(0, 4), claim(7, 9)]
      expect(await book.find(one)).toBeUndefined()
      expect(await book.enter(one)).toEqual(one)
      expect(await book.enter(claim(3, 9))).toEqual(one)
      expect(await open().enter(two)).toEqual(two)
      expect(await book.enter(one)).toEqual(two)
      expect(await book.find(one)).toEqual(two)
    })

    it('gives a range to one of many that ask at once', async () => {
      epoch += 1n
      const claims = Array.from({ length: 8 }, () => claim(0, 5))
      const stands = await Promise.all(claims.map((one) => open().enter(one)))
      expect(new Set(stands.map((one) => String(one?.nonce))).size).toBe(1)
    })

    it('counts the lists of an epoch', async () => {
      epoch += 1n
      const book = open()
      for (let count = 0; count < 3; count++) await book.enter(claim(0, 1, { key: bytes(32) }))
      await book.enter(claim(0, 1))
      await book.enter(claim(1, 2))
      expect(await book.count(epoch)).toBe(4)
      expect(await book.count(epoch + 1n)).toBe(0)
    })

    it('forgets old epochs for good', async () => {
      epoch += 5n
      const book = open()
      await book.enter(claim(0, 4))
      await book.prune(epoch + 1n)
      await book.prune(epoch - 3n)
      expect(await book.find(claim(0, 4))).toBeUndefined()
      expect(await open().enter(claim(0, 4))).toBeUndefined()
      const next = claim(0, 4, { epoch: epoch + 1n })
      expect(await book.enter(next)).toEqual(next)
    })
  })
}
