import { afterEach, describe, expect, it, vi } from 'vitest'
import { SILENT, until } from '../net/test-hosts.ts'
import { pruner } from './pruner.ts'

const SETTINGS = { retentionSeconds: 60, pruneEveryMs: 10 }
let stop: (() => unknown) | undefined

afterEach(() => stop?.())

function start(left: { messages: number }, onBatch: () => void = () => undefined) {
  const prune = vi.fn(async (_before: bigint, limit: number) => {
    onBatch()
    const removed = Math.min(limit, left.messages)
    left.messages -= removed
    return removed
  })
  const pruning = pruner(SETTINGS, { prune }, SILENT)
  stop = () => pruning.stop()
  void pruning.start()
  return { prune, pruning }
}

describe('pruner', () => {
  it('goes on while a batch was full, and lets others run in between', async () => {
    const left = { messages: 2_500 }
    const order: string[] = []
    const { pruning } = start(left, () => {
      order.push('batch')
      setImmediate(() => order.push('other'))
    })
    await until(() => left.messages === 0)
    await pruning.stop()
    expect(order.slice(0, 5)).toEqual(['batch', 'other', 'batch', 'other', 'batch'])
  })

  it('ends between two batches when it is stopped', async () => {
    const left = { messages: Infinity }
    const { prune, pruning } = start(left)
    await until(() => prune.mock.calls.length > 2)
    await pruning.stop()
    const { length } = prune.mock.calls
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(prune.mock.calls).toHaveLength(length)
  })
})
