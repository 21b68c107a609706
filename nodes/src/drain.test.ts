import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { createDrain, type DrainDeps } from './drain.ts'

/** What the drain did, in its order; `pending` is what can't be collected. */
function recorded(over: Partial<DrainDeps> = {}) {
  const did: string[] = []
  const drained = Promise.withResolvers<void>()
  const note = (what: string) => async () => void did.push(what)
  const drain = createDrain({
    retire: note('retire'),
    stopServing: note('stop serving'),
    settle: note('settle'),
    pending: () => 0n,
    defaultWaitSeconds: 180,
    drained: drained.resolve,
    signal: new AbortController().signal,
    now: Date.now,
    log: pino({ level: 'silent' }),
    ...over,
  })
  return { drain, did, drained: drained.promise }
}

describe('draining', () => {
  it('takes the announcement back first, and collects last', async () => {
    const { drain, did, drained } = recorded()
    expect(drain.view()).toEqual({ state: 'serving', pending: 0n })
    drain.begin(0)
    await drained
    expect(did).toEqual(['retire', 'stop serving', 'settle'])
    expect(drain.view().state).toBe('drained')
  })

  it('serves on until its time, which may be made shorter and never longer', async () => {
    const { drain, did } = recorded()
    const { until } = drain.begin()
    expect(until! - Date.now() / 1_000).toBeGreaterThan(170)
    expect(drain.begin(600)).toEqual({ state: 'leaving', until, pending: 0n })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(did).toEqual(['retire'])
    expect(drain.begin(60).until).toBeLessThan(until!)
  })

  it('collects though something that served did not stop', async () => {
    const { drain, did, drained } = recorded({ stopServing: () => Promise.reject(new Error('stuck')) })
    drain.begin(0)
    await drained
    expect(did).toEqual(['retire', 'settle'])
  })

  it('goes on when the chain is away: what is owed waits for the next start', async () => {
    const attempts: string[] = []
    const { drain, did, drained } = recorded({
      retire: () => Promise.reject(new Error('away')),
      pending: () => 7n,
      settle: async () => void attempts.push('settle'),
    })
    drain.begin(0)
    await drained
    expect(did).toEqual(['stop serving'])
    expect(attempts).toHaveLength(3)
    expect(drain.view()).toMatchObject({ state: 'drained', pending: 7n })
  })
})
