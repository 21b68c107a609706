import { describe, expect, it, vi } from 'vitest'
import { SILENT } from '../net/test-hosts.ts'
import { expiry } from './expiry.ts'

describe('the removal of what is over', () => {
  it('goes step by step to the end, a minute behind the clock, and stops when it is told', async () => {
    const asked: number[] = []
    let now = 1_000_000
    const removeOver = async (before: number) => {
      asked.push(before)
      return { removed: 1, more: asked.length < 3 }
    }
    const removal = expiry({ store: { removeOver }, everyMs: 5, now: () => now, log: SILENT })
    await removal.start()
    await vi.waitFor(() => expect(asked.slice(0, 3)).toEqual([940, 940, 940]))
    now = 2_000_000
    await vi.waitFor(() => expect(asked.at(-1)).toBe(1_940))
    await removal.stop()
    const { length } = asked
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(asked).toHaveLength(length)
  })

  it('goes on after a failure', async () => {
    let times = 0
    const removeOver = () => {
      times += 1
      return Promise.reject(new Error('no disk'))
    }
    const removal = expiry({ store: { removeOver }, everyMs: 5, now: Date.now, log: SILENT })
    await removal.start()
    await vi.waitFor(() => expect(times).toBeGreaterThan(1))
    await removal.stop()
  })
})
