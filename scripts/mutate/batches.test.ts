import { describe, expect, it } from 'vitest'
import { batches, RedTests, runBatches } from './batches.ts'
import { CompileError } from './compile.ts'
import type { Mutant } from './mutants.ts'

const mutant = (file: string): Mutant => ({
  id: '',
  name: 'pay: a → b',
  file,
  operator: '',
  line: 1,
  before: '',
  after: '',
  edits: new Map(),
})
const ALL = ['A', 'A', 'B', 'C', 'C', 'C', 'C', 'D'].map(mutant)
const files = (batch: readonly Mutant[]): string => batch.map(({ file }) => file).join('')

describe('batches', () => {
  it('puts whole contracts into a build, until it is full', () => {
    expect(batches(ALL, 3).map(files)).toEqual(['AAB', 'CCCC', 'D'])
  })
})

describe('runBatches', () => {
  /** Runs all; whatever `B` is in fails. */
  async function run(error: Error): Promise<{ ran: string[]; failures: object }> {
    const ran: string[] = []
    const failures = await runBatches(batches(ALL, 3), async (batch) => {
      if (files(batch).includes('B')) throw error
      ran.push(files(batch))
    })
    return { ran, failures }
  }

  it.each([
    { reason: 'no code', error: new CompileError([{ severity: 'error', formattedMessage: 'no code' }]) },
    {
      reason: 'these tests fail without any mutant; make them pass first:\ntest_a()\ntest_b()',
      error: new RedTests(['test_a()', 'test_b()']),
    },
  ])('runs the others, though one cannot be: $reason', async ({ reason, error }) => {
    expect(await run(error)).toEqual({ ran: ['AA', 'CCCC', 'D'], failures: [{ file: 'B', reason }] })
  })

  it('stops at an error that no contract is to blame for', async () => {
    await expect(run(new TypeError('ours'))).rejects.toThrow('ours')
  })
})
