import { abis } from '@teahouse/protocol/chain'
import { describe, expect, it } from 'vitest'
import { REASONS, explainRevert } from './reasons.ts'

const DEAL = `0x${'5f'.repeat(32)}`

describe('what it explains', () => {
  it.each<[string, unknown[], string]>([
    ['TooEarly', [DEAL, 1_800_000_000n], 'this is possible from 2027-01-15T08:00:00.000Z on'],
    ['BadSplit', [DEAL, 5_000_000n, 1_000_000n, 4_500_000n], 'the payee can get 1 tokens to 4.5 tokens'],
    ['NotWithdrawable', [1n, DEAL, 2, 0], 'leave first'],
    ['Panic', [17n], 'Panic(17)'],
    ['NoKeys', [], 'NoKeys'],
  ])('%s', (error, args, text) => {
    expect(explainRevert(error, args)).toBe(text)
  })

  it('only errors that a contract has', () => {
    const names = Object.values(abis).flatMap((abi) =>
      [...abi].flatMap((item) => (item.type === 'error' ? [item.name] : [])),
    )
    expect(Object.keys(REASONS).filter((name) => !(names as string[]).includes(name))).toEqual([])
  })
})
