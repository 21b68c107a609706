import { describe, expect, it } from 'vitest'
import { inBackground } from './background.ts'

describe('inBackground', () => {
  it('runs one at a time, leaves out what comes meanwhile, and says when it is done', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const runs: number[] = []
    const background = inBackground(async (input: number) => {
      await gates[runs.push(input) - 1]!.promise
    })
    await background.idle()
    background.run(1)
    background.run(2)
    gates[0]!.resolve()
    await background.idle()
    background.run(3)
    gates[1]!.resolve()
    await background.idle()
    expect(runs).toEqual([1, 3])
  })
})
