import { describe, expect, it } from 'vitest'
import { rootWaiter } from './root-waiter.ts'

const CONFIG = { rootWaitBlocks: 2, rootWaitMs: 10_000, rootWaiters: 2 }
const never = () => false

describe('rootWaiter', () => {
  it('gives up after the allowed blocks, and not before', async () => {
    const roots = rootWaiter(CONFIG)
    let found: boolean | undefined
    void roots.waitUntil(never).then((answer) => (found = answer))
    roots.blockApplied()
    await Promise.resolve()
    expect(found).toBeUndefined()
    roots.blockApplied()
    await Promise.resolve()
    expect(found).toBe(false)
  })

  it('goes on as soon as a block settles the question', async () => {
    const roots = rootWaiter(CONFIG)
    let known = false
    const waiting = roots.waitUntil(() => known)
    known = true
    roots.blockApplied()
    expect(await waiting).toBe(true)
  })

  it('gives up when no block comes in time', async () => {
    expect(await rootWaiter({ ...CONFIG, rootWaitMs: 5 }).waitUntil(never)).toBe(false)
  })

  it('lets only so many wait, and nobody after stop()', async () => {
    const roots = rootWaiter(CONFIG)
    const waiting = [roots.waitUntil(never), roots.waitUntil(never)]
    expect(await roots.waitUntil(never)).toBe(false)
    roots.stop()
    expect(await Promise.all(waiting)).toEqual([false, false])
    expect(await roots.waitUntil(never)).toBe(false)
  })
})
