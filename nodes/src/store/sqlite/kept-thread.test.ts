import { describe, expect, it, vi } from 'vitest'
import { EngineError } from '../errors.ts'
import { keptThread } from './kept-thread.ts'
import type { SqliteThread } from './thread-handle.ts'

const DATA = { path: ':memory:', readOnly: false }

/** Threads that a test lets die; the first `failures` restarts fail. */
function bench(failures = 0) {
  const deaths: (() => void)[] = []
  let closed = 0
  let failing = failures
  const start = async (): Promise<SqliteThread> => {
    if (deaths.length > 0 && failing-- > 0) throw new EngineError('no', { code: 'THREAD_ENDED' })
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const number = deaths.push(resolve)
    return {
      ended,
      call: async () => number,
      close: async () => {
        closed += 1
        resolve()
      },
    }
  }
  return { start, deaths, closed: () => closed }
}

describe('a thread of the archive', () => {
  it.each([0, 2])('is started again when it dies, and after %i starts that fail', async (failures) => {
    const { start, deaths } = bench(failures)
    const thread = await keptThread(DATA, undefined, start)
    expect(await thread.call('totals')).toBe(1)
    deaths[0]!()
    await vi.waitFor(() => expect(thread.call('totals')).rejects.toMatchObject({ code: 'THREAD_ENDED' }))
    await vi.waitFor(async () => expect(await thread.call('totals')).toBe(2), {
      timeout: 3_000,
      interval: 20,
    })
    await thread.close()
  })

  it('ends when it is closed, also while it waits to be started again', async () => {
    const { start, deaths, closed } = bench()
    const thread = await keptThread(DATA, undefined, start)
    deaths[0]!()
    await Promise.resolve()
    await thread.close()
    await thread.ended
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect([deaths.length, closed()]).toEqual([1, 0])
  })
})
