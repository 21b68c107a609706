import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryStore, type KeyValueStore } from '../storage/store.ts'
import { messageIds } from './message-ids.ts'

const LIMIT = 5
const attempt = <T>(task: Promise<T>): Promise<T | string> =>
  task.catch((error: { code: string }) => error.code)

/** A store whose values all count as copied from elsewhere. */
function copied(store: KeyValueStore): KeyValueStore {
  const foreign = (value: string) => ({ value, native: false })
  return {
    ...store,
    get: async (key) => {
      const stored = await store.get(key)
      return stored && foreign(stored.value)
    },
    update: (key, change) => store.update(key, (old) => change(old && foreign(old.value))),
  }
}

describe('message ids', () => {
  it('count up from 0 for a membership that was joined here, then refuse until the next epoch', async () => {
    const ids = messageIds(memoryStore(), 'k')
    await ids.open(7n)
    for (let id = 0; id < LIMIT; id++)
      expect(await ids.reserve(() => 7n, LIMIT)).toEqual({ epoch: 7n, messageId: id })
    expect(await attempt(ids.reserve(() => 7n, LIMIT))).toBe('RATE_LIMITED')
    expect(await ids.reserve(() => 8n, LIMIT)).toEqual({ epoch: 8n, messageId: 0 })
  })

  it('are never handed out twice in an epoch, however the clock, restarts and openings go', async () => {
    const step = fc.oneof(
      fc.record({ act: fc.constant('reserve' as const), epoch: fc.bigInt({ min: 0n, max: 4n }) }),
      fc.record({ act: fc.constant('open' as const), epoch: fc.bigInt({ min: 0n, max: 4n }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const storage = memoryStore()
        const seen = new Set<string>()
        for (const { act, epoch } of steps) {
          const ids = messageIds(storage, 'k') // as after a restart
          if (act === 'open') await ids.open(epoch)
          else {
            const taken = await attempt(ids.reserve(() => epoch, LIMIT))
            if (typeof taken === 'string') continue
            expect(taken.messageId).toBeLessThan(LIMIT)
            const slot = `${taken.epoch} ${taken.messageId}`
            expect(seen).not.toContain(slot)
            seen.add(slot)
          }
        }
      }),
    )
  })

  it('are on disk before they are handed out', async () => {
    const storage = memoryStore()
    await messageIds(storage, 'k').open(7n)
    const broken = { ...storage, update: () => Promise.reject(new Error('disk full')) }
    await expect(messageIds(broken, 'k').reserve(() => 7n, LIMIT)).rejects.toThrow('disk full')
  })
})

describe('when it must refuse', () => {
  it('the epoch in which it meets an unknown membership; the next one is free', async () => {
    const ids = messageIds(memoryStore(), 'k')
    expect(await attempt(ids.reserve(() => 7n, LIMIT))).toBe('RESTORED')
    expect(await attempt(ids.reserve(() => 7n, LIMIT))).toBe('RESTORED')
    expect(await ids.reserve(() => 8n, LIMIT)).toEqual({ epoch: 8n, messageId: 0 })
  })

  it('the epoch in which its counter was copied from elsewhere', async () => {
    const storage = memoryStore()
    await messageIds(storage, 'k').open(7n)
    expect(await attempt(messageIds(copied(storage), 'k').reserve(() => 7n, LIMIT))).toBe('RESTORED')
  })

  it('to forget, on joining, that the running epoch is closed', async () => {
    const storage = memoryStore()
    const ids = messageIds(storage, 'k')
    expect(await attempt(ids.reserve(() => 7n, LIMIT))).toBe('RESTORED')
    await ids.open(7n)
    expect(await attempt(ids.reserve(() => 7n, LIMIT))).toBe('RESTORED')

    const moved = memoryStore()
    await messageIds(moved, 'k').open(7n)
    await messageIds(copied(moved), 'k').open(7n)
    expect(await attempt(messageIds(moved, 'k').reserve(() => 7n, LIMIT))).toBe('RESTORED')
    expect(await messageIds(moved, 'k').reserve(() => 8n, LIMIT)).toEqual({ epoch: 8n, messageId: 0 })
  })

  it('an epoch before the last one', async () => {
    const ids = messageIds(memoryStore(), 'k')
    await ids.open(7n)
    await ids.reserve(() => 7n, LIMIT)
    expect(await attempt(ids.reserve(() => 6n, LIMIT))).toBe('CLOCK_WENT_BACK')
  })

  it.each(['', '7', '7 x', '-1 0', '7 1 2', '7 all all'])('a damaged counter: "%s"', async (text) => {
    const storage = memoryStore()
    await storage.set('k', text)
    expect(await attempt(messageIds(storage, 'k').reserve(() => 7n, LIMIT))).toBe('CORRUPT')
  })
})
