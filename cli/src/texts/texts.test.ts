import { DealError } from '@teahouse/client'
import { describe, expect, it } from 'vitest'
import { explain } from '../explain.ts'
import { en } from './chat-en.ts'
import { zhHans } from './chat-zh-Hans.ts'
import { textsFor } from './index.ts'
import { reasonIn } from './reasons.ts'
import { zhHans as zhHansTexts } from './zh-Hans/index.ts'

describe('the language', () => {
  it.each([
    { env: {}, chosen: en },
    { env: { LANG: 'zh_CN.UTF-8' }, chosen: zhHans },
    { env: { LANG: 'zh_CN.UTF-8', TEAHOUSE_LANG: 'en' }, chosen: en },
    { env: { LC_ALL: 'C.UTF-8', LANG: 'zh_CN' }, chosen: en },
    { env: { TEAHOUSE_LANG: 'zh-Hans' }, chosen: zhHans },
    { env: { LANG: 'zh_TW.UTF-8' }, chosen: en },
  ])('of $env', ({ env, chosen }) => {
    expect(textsFor(env)).toBe(chosen)
  })

  it('has every text that says something in both', () => {
    const compare = (a: unknown, b: unknown, path: string): void => {
      expect(typeof b, path).toBe(typeof a)
      if (typeof a === 'string') expect(b === '', path).toBe(a === '')
      if (typeof a !== 'object' || a === null) return
      for (const [key, value] of Object.entries(a))
        compare(value, (b as Record<string, unknown>)[key], `${path}.${key}`)
    }
    compare(en, zhHans, 'texts')
  })
})

describe('what a contract says', () => {
  it('is said with its deadlines and amounts, and by its name if nothing is known of it', () => {
    expect(reasonIn(zhHansTexts, 'TooLate', ['0x', 1_800_000_000n])).toBe(
      '截止时间 2027-01-15T08:00:00.000Z 已过',
    )
    expect(reasonIn(zhHansTexts, 'BadSplit', ['0x', 0n, 1_000_000n, 2_500_000n])).toBe(
      '收款方可得 1 个代币 至 2.5 个代币',
    )
    expect(reasonIn(zhHansTexts, 'Paused', [])).toBe('Paused')
  })

  it('and errors of deals name roles and states in the reader’s language', () => {
    const wrong = new DealError('it is closed', { code: 'WRONG_STATE', deal: '0x', state: 'closed' })
    expect(explain(wrong, zhHansTexts).message).toBe('交易的状态是“已了结”，现在不能这样做')
    expect(explain(wrong).message).toBe('it is closed')
    const other = new DealError('no', { code: 'NOT_A_PARTY', deal: '0x', role: 'arbiter' })
    expect(explain(other, zhHansTexts).message).toBe('只有交易的仲裁人可以这样做')
  })
})
