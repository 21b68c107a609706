import { afterEach, describe, expect, it, vi } from 'vitest'
import { SILENT, until } from '../net/test-hosts.ts'
import type { PruneLimits } from './engine.ts'
import { retention, RetentionConfig } from './retention.ts'

const SETTINGS = { seconds: 60, everyMs: 10 }
let stop: (() => unknown) | undefined

afterEach(() => stop?.())

function start(left: { messages: number }, settings = {}, onStep: () => void = () => undefined) {
  const prune = vi.fn(async (_limits: PruneLimits, limit: number) => {
    onStep()
    const removed = Math.min(limit, left.messages)
    left.messages -= removed
    return { removed, more: removed > 0 }
  })
  const config = RetentionConfig.parse({ ...SETTINGS, ...settings })
  const pruning = retention(config, { prune }, SILENT, () => 1_000_000)
  stop = () => pruning.stop()
  void pruning.start()
  return { prune, pruning }
}

describe('retention', () => {
  it('goes on while there is more, and lets others run in between', async () => {
    const left = { messages: 1_200 }
    const order: string[] = []
    const { pruning } = start(left, {}, () => {
      order.push('step')
      setImmediate(() => order.push('other'))
    })
    await until(() => left.messages === 0)
    await pruning.stop()
    expect(order.slice(0, 5)).toEqual(['step', 'other', 'step', 'other', 'step'])
  })

  it('passes its limits on, the time by its clock', async () => {
    const { prune } = start({ messages: 0 }, { bytes: 5, messages: 7 })
    await until(() => prune.mock.calls.length > 0)
    expect(prune.mock.calls[0]![0]).toEqual({ before: 940_000_000_000n, bytes: 5, messages: 7 })
  })

  it('ends between two steps when it is stopped', async () => {
    const left = { messages: Infinity }
    const { prune, pruning } = start(left)
    await until(() => prune.mock.calls.length > 2)
    await pruning.stop()
    const { length } = prune.mock.calls
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(prune.mock.calls).toHaveLength(length)
  })
})
