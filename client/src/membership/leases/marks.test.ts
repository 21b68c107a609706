import { describe, expect, it } from 'vitest'
import { memoryStore, StorageError } from '../../storage/store.ts'
import { durableMarks } from './marks.ts'

describe('what this device remembers of its leases', () => {
  it('only rises, by epoch and list, for all processes that share the store', async () => {
    const storage = memoryStore()
    const [one, other] = [durableMarks(storage, 'k'), durableMarks(storage, 'k')]
    expect(await one.raise(7n, 1, { first: 0, end: 5 })).toBe(true)
    expect(await other.raise(7n, 1, { first: 2, end: 3 })).toBe(false)
    expect(await other.raise(7n, 2, { first: 8, end: 9 })).toBe(true)
    expect(await other.raise(8n, 1, { first: 0, end: 2 })).toBe(true)
    const marks = await one.read(7n)
    expect([1, 2, 3].map(marks.of)).toEqual([5, 9, 0])
    expect((await one.read(8n)).of(1)).toBe(2)
  })

  it('gives a range to one of many that write it down at once', async () => {
    const storage = memoryStore()
    const range = { first: 0, end: 2 }
    const outcomes = [1, 2, 3, 4].map(() => durableMarks(storage, 'k').raise(7n, 1, range))
    expect((await Promise.all(outcomes)).filter(Boolean)).toHaveLength(1)
    expect(await durableMarks(storage, 'k').raise(7n, 1, { first: 1, end: 3 })).toBe(false)
    expect((await durableMarks(storage, 'k').read(7n)).of(1)).toBe(2)
  })

  it('is forgotten after some epochs', async () => {
    const marks = durableMarks(memoryStore(), 'k')
    for (let epoch = 9n; epoch < 20n; epoch++) await marks.raise(epoch, 1, { first: 0, end: 1 })
    expect((await marks.read(9n)).of(1)).toBe(0)
    expect((await marks.read(19n)).of(1)).toBe(1)
  })

  it.each(['7 3', '7 all'])(
    'has nothing left of an epoch that was counted without leases: "%s"',
    async (old) => {
      const storage = memoryStore()
      await storage.set('k', old)
      const marks = durableMarks(storage, 'k')
      expect((await marks.read(7n)).of(2)).toBe(65_536)
      expect((await marks.read(8n)).of(2)).toBe(0)
      await marks.raise(8n, 1, { first: 0, end: 4 })
      expect((await marks.read(7n)).of(2)).toBe(65_536)
    },
  )
})

describe('a damaged record', () => {
  const damages = ['', '7', '{', 'null', '[]', '{"x":{}}', '{"7":3}', '{"7":{"1":-1}}', '{"7":{"1":"5"}}']

  it.each(damages)('has nothing left of this epoch and the next, and is replaced: %s', async (text) => {
    const storage = memoryStore()
    await storage.set('k', text)
    const marks = durableMarks(storage, 'k')
    expect((await marks.read(7n)).of(1)).toBe(65_536)
    expect(await marks.raise(8n, 2, { first: 3, end: 4 })).toBe(false)
    expect(await marks.raise(9n, 2, { first: 3, end: 4 })).toBe(true)
    expect((await durableMarks(storage, 'k').read(9n)).of(2)).toBe(4)
  })

  it.each(damages)('gives no range away, and is replaced: %s', async (text) => {
    const storage = memoryStore()
    await storage.set('k', text)
    const marks = durableMarks(storage, 'k')
    expect(await marks.raise(8n, 1, { first: 0, end: 1 })).toBe(false)
    expect([(await marks.read(7n)).of(1), (await marks.read(10n)).of(1)]).toEqual([65_536, 0])
  })

  it('is told from a store that fails: that may come back', async () => {
    const failure = new StorageError('no disk', { code: 'UNAVAILABLE', path: 'k' })
    const get = () => Promise.reject(failure)
    const storage = { ...memoryStore(), get, update: get }
    await expect(durableMarks(storage, 'k').read(7n)).rejects.toBe(failure)
    await expect(durableMarks(storage, 'k').raise(7n, 1, { first: 0, end: 1 })).rejects.toBe(failure)
  })
})
