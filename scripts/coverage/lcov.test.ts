import { describe, expect, it } from 'vitest'
import { branchShare, lineShare, missedBranches, missedLines, parseLcov, percent, sum } from './lcov.ts'

const TRACE = String.raw`TN:
SF:contracts\a\A.sol
DA:3,2
DA:4,0
BRDA:3,0,0,1
BRDA:3,0,1,0
BRDA:4,1,0,-
end_of_record
SF:contracts/B.sol
end_of_record
`

describe('parseLcov', () => {
  const [a, b] = parseLcov(TRACE)

  it('tells which lines and branches of a file were reached', () => {
    expect(a?.path).toBe('contracts/a/A.sol')
    expect(lineShare(a!)).toEqual({ hit: 1, of: 2 })
    expect(missedLines(a!)).toEqual([4])
    expect(branchShare(a!)).toEqual({ hit: 1, of: 3 })
    expect(missedBranches(a!).map(({ name }) => name)).toEqual(['0.1', '1.0'])
  })

  it('keeps a file that has nothing to reach', () => {
    expect(b).toMatchObject({ path: 'contracts/B.sol', branches: [] })
    expect(percent(lineShare(b!))).toBe(100)
  })

  it('adds files, not their percentages', () => {
    expect(percent(sum([lineShare(a!), { hit: 8, of: 8 }]))).toBe(90)
  })
})
