import { describe, expect, it } from 'vitest'
import { add, countGate, countHardhat, countVitest, summary } from './count.ts'

const test = (status: string, fullName = 'a test') => ({ status, fullName })

describe('countVitest', () => {
  it('counts passed, failed and skipped tests', () => {
    const file = {
      name: 'a',
      status: 'failed',
      assertionResults: [test('passed'), test('failed'), test('skipped', 'b')],
    }
    expect(countVitest({ testResults: [file] }, 1)).toEqual({ passed: 1, failed: 1, skipped: ['b'] })
  })

  it('counts a file that did not load as one failure', () => {
    const broken = { name: 'a', status: 'failed', assertionResults: [] }
    const fine = { name: 'b', status: 'passed', assertionResults: [test('passed')] }
    expect(countVitest({ testResults: [broken, fine] }, 1)).toEqual({ passed: 1, failed: 1, skipped: [] })
  })

  it.each([
    ['a crash before any report', undefined],
    [
      'an unhandled rejection after all tests passed',
      { testResults: [{ name: 'a', status: 'passed', assertionResults: [] }] },
    ],
  ])('counts %s as a failure', (_, report) => {
    expect(countVitest(report, 1).failed).toBe(1)
  })
})

describe('countHardhat', () => {
  it('reads the closing lines through colours', () => {
    const output = '  \u001b[32m12 passing\u001b[0m (3s)\n  1 failing\n  2 skipped\n'
    expect(countHardhat(output, 1)).toMatchObject({ passed: 12, failed: 1 })
    expect(countHardhat(output, 1).skipped).toHaveLength(2)
  })

  it('adds several runs in one output', () => {
    expect(countHardhat('  3 passing\n\n  4 passing\n', 0).passed).toBe(7)
  })

  it('counts a compiler error, which prints no numbers, as a failure', () => {
    expect(countHardhat('Error HHE909: Compilation failed', 1)).toEqual({ passed: 0, failed: 1, skipped: [] })
  })
})

describe('countGate', () => {
  it('counts a verdict a contract', () => {
    const output = 'ok   contracts/A.sol: 95 %\nFAIL contracts/B.sol: 80 %\n  survived …\n'
    expect(countGate(output, 1)).toEqual({ passed: 1, failed: 1, skipped: [] })
  })

  it('counts an end that no verdict explains as a failure', () => {
    expect(countGate('ok   contracts/A.sol: 95 %\n', 1)).toMatchObject({ passed: 1, failed: 1 })
  })
})

describe('summary', () => {
  it('is the line that CI reads', () => {
    expect(summary({ passed: 2, failed: 0, skipped: [] })).toBe('2 passed, 0 failed')
    expect(
      summary(add({ passed: 2, failed: 1, skipped: [] }, { passed: 1, failed: 0, skipped: ['x'] })),
    ).toBe('3 passed, 1 failed, 1 skipped')
  })
})
