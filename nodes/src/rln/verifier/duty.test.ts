import { describe, expect, it } from 'vitest'
import { duty } from './duty.ts'

/** Runs batches of `ms` whenever it is due, for a second; the milliseconds that they took. */
async function work(cores: number | undefined, ms: number): Promise<number> {
  const shared = duty()
  shared.setCores(cores)
  const end = performance.now() + 1_000
  let busy = 0
  while (performance.now() < end) {
    const { promise, resolve } = Promise.withResolvers<void>()
    if (shared.isDue(resolve)) {
      busy += ms
      shared.spent(ms, 1)
      await new Promise((done) => setTimeout(done, ms))
    } else await promise
  }
  return busy
}

describe('the duty of the verifier', () => {
  it('keeps to a share of a core', async () => {
    const busy = await work(0.2, 20)
    expect(busy).toBeGreaterThan(120)
    expect(busy).toBeLessThan(320)
  })

  it('has no limit without one', async () => {
    expect(await work(undefined, 20)).toBeGreaterThan(600)
  })

  it('lets as many proofs wait as it will verify in two seconds', () => {
    const shared = duty()
    expect(shared.worthWaiting).toBe(Infinity)
    shared.setCores(0.5)
    expect(shared.worthWaiting).toBe(250)
    for (let at = 0; at < 100; at++) shared.spent(64, 64)
    expect(shared.worthWaiting).toBeGreaterThan(950)
    expect(shared.usedSeconds).toBeCloseTo(6.4)
  })
})
