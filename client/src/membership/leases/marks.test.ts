import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../storage/store.ts'
import { durableMarks } from './marks.ts'

describe('what this device remembers of its leases', () => {
  it('only rises, by epoch and list, for all processes that share the store', async () => {
    const storage = memoryStore()
    const [one, other] = [durableMarks(storage, 'k'), durableMarks(storage, 'k')]
    await one.raise(7n, 1, 5)
    await other.raise(7n, 1, 3)
    await other.raise(7n, 2, 9)
    await other.raise(8n, 1, 2)
    const marks = await one.read(7n)
    expect([1, 2, 3].map(marks.of)).toEqual([5, 9, 0])
    expect((await one.read(8n)).of(1)).toBe(2)
  })

  it('is forgotten after some epochs', async () => {
    const marks = durableMarks(memoryStore(), 'k')
    for (let epoch = 9n; epoch < 20n; epoch++) await marks.raise(epoch, 1, 1)
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
      await marks.raise(8n, 1, 4)
      expect((await marks.read(7n)).of(2)).toBe(65_536)
    },
  )
})

describe('when it must refuse', () => {
  it.each(['', '7', '{', 'null', '[]', '{"x":{}}', '{"7":3}', '{"7":{"1":-1}}', '{"7":{"1":"5"}}'])(
    'a damaged record: %s',
    async (text) => {
      const storage = memoryStore()
      await storage.set('k', text)
      await expect(durableMarks(storage, 'k').read(7n)).rejects.toMatchObject({ code: 'CORRUPT' })
      await expect(durableMarks(storage, 'k').raise(7n, 1, 1)).rejects.toMatchObject({ code: 'CORRUPT' })
    },
  )
})
