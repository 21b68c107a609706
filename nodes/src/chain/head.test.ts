import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { followHead, type BlockRef } from './head.ts'

const log = pino({ level: 'silent' })

function block(number: number): BlockRef {
  const hash = `0x${number}` as const
  return { number: BigInt(number), hash, parentHash: `0x${number - 1}`, timestamp: number }
}

describe('followHead', () => {
  it('tells every listener of every head once, and the one that failed again', async () => {
    let latest = block(1)
    const head = followHead({ first: latest, latest: async () => latest, pollMs: 1, log })
    const steady: bigint[] = []
    const shaky: bigint[] = []
    let fails = 1
    head.onBlock('steady', async ({ number }) => void steady.push(number))
    head.onBlock('shaky', async ({ number }) => {
      if (fails-- > 0) throw new Error('not now')
      shaky.push(number)
    })
    await head.poll()
    await head.poll()
    latest = block(2)
    await Promise.all([head.poll(), head.poll()])
    expect(steady).toEqual([1n, 2n])
    expect(shaky).toEqual([1n, 2n])
    expect(head.current).toEqual(latest)
  })

  it('goes on when the chain is away, and says when it last answered', async () => {
    let away = false
    const head = followHead({
      first: block(0),
      latest: async () => {
        if (away) throw new Error('away')
        return block(Date.now())
      },
      pollMs: 1,
      log,
    })
    head.start()
    await expect.poll(() => head.silentMs).toBeLessThan(100)
    away = true
    await expect.poll(() => head.silentMs).toBeGreaterThan(150)
    away = false
    await expect.poll(() => head.silentMs).toBeLessThan(100)
    await head.stop()
  })
})
