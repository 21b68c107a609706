import { describe, expect, it } from 'vitest'
import { en } from './chat-en.ts'
import { textsFor } from './index.ts'
import { zhHans } from './chat-zh-Hans.ts'

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
