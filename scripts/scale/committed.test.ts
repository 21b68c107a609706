import { describe, expect, it } from 'vitest'
import { staleDocs } from './files.ts'
import { readMeasured, SHARES, type Measured } from './measured.ts'
import { compare, isClose } from './model.ts'

describe('the committed measurements', () => {
  const { runs } = readMeasured().details
  const isWhole = runs.some(({ nodes }) => nodes >= 100)

  it('are of networks in which everything arrived, and every proof was verified', () => {
    for (const run of runs) {
      expect(run.arrived).toBe(run.expected)
      expect(run.accepted).toBeGreaterThanOrEqual(run.messages)
      expect(run.latencyMs).toHaveLength(SHARES.length)
      expect(run.latencyMs).toEqual([...run.latencyMs].sort((a, b) => a - b))
    }
  })

  it.skipIf(!isWhole)('are within 20 % of the model (skipped for a trial with small networks)', () => {
    expect(compare(runs).filter((point) => !isClose(point))).toEqual([])
  })

  it('would not be, were a hop twice as long or a copy more', () => {
    const slow = runs.map((run): Measured => ({ ...run, latencyMs: run.latencyMs.map((ms) => 1.5 * ms) }))
    expect(compare(slow).filter((point) => !isClose(point)).length).toBeGreaterThan(0)
    const heavy = runs.map((run): Measured => ({ ...run, bytesPerMessage: 1.5 * run.bytesPerMessage }))
    expect(compare(heavy).filter((point) => !isClose(point)).length).toBeGreaterThan(0)
  })

  it('are what docs/scale.md and its plots show', () => expect(staleDocs(10_000)).toEqual([]))
})
