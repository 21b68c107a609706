/** What a runner found. A crash counts as one failure, so that no sum of counts can hide it. */
export interface Count {
  passed: number
  failed: number
  /** Names of the tests that were not run. */
  skipped: string[]
}

export const NOTHING: Count = { passed: 0, failed: 0, skipped: [] }

export function add(a: Count, b: Count): Count {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: [...a.skipped, ...b.skipped] }
}

/** The closing line: `N passed, N failed`, then `, N skipped` when there are any. */
export function summary({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`
}

interface VitestReport {
  testResults: {
    name: string
    status: string
    message?: string
    assertionResults: { status: string; fullName: string }[]
  }[]
}

/**
 * Reads vitest's JSON report. A file that failed without a failed test (it did not even load) counts as one failure,
 * and so does an exit code that the report does not explain (an unhandled rejection, a crash).
 */
export function countVitest(report: VitestReport | undefined, exitCode: number): Count {
  const count: Count = { passed: 0, failed: 0, skipped: [] }
  for (const file of report?.testResults ?? []) {
    const failedBefore = count.failed
    for (const test of file.assertionResults) {
      if (test.status === 'passed') count.passed++
      else if (test.status === 'failed') count.failed++
      else count.skipped.push(test.fullName.trim())
    }
    if (file.status === 'failed' && count.failed === failedBefore) count.failed++
  }
  if (exitCode !== 0 && count.failed === 0) count.failed = 1
  return count
}

/** Reads the closing lines of a hardhat test run (`12 passing (3s)`, `1 failing`, `2 skipped`), colours removed. */
export function countHardhat(output: string, exitCode: number): Count {
  const plain = output.replaceAll(/\u001b\[[0-9;]*m/g, '')
  const sum = (word: string): number =>
    [...plain.matchAll(new RegExp(String.raw`^\s*(\d+) ${word}\b`, 'gm'))].reduce(
      (n, match) => n + Number(match[1]),
      0,
    )
  const skipped = Array.from(
    { length: sum('skipped') + sum('pending') + sum('todo') },
    () => 'a contract test',
  )
  const failed = sum('failing')
  return { passed: sum('passing'), failed: exitCode !== 0 && failed === 0 ? 1 : failed, skipped }
}

/** Reads the verdicts of a script that measures the tests, one line a contract: `ok   contracts/A.sol: …`, `FAIL …`. */
export function countGate(output: string, exitCode: number): Count {
  const lines = (start: RegExp): number => output.split('\n').filter((line) => start.test(line)).length
  const failed = lines(/^FAIL contracts\//)
  return {
    passed: lines(/^ok {3}contracts\//),
    failed: exitCode !== 0 && failed === 0 ? 1 : failed,
    skipped: [],
  }
}
