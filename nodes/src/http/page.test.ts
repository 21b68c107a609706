import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROBLEMS } from './info.ts'
import { testApi, type TestApi } from './testing/test-api.ts'

const folder = new URL('page/', import.meta.url)

let api: TestApi
beforeAll(async () => {
  api = await testApi({ trusted: false })
})
afterAll(() => api.stop())

describe('the status page', () => {
  it('is served whole, whoever may ask: it holds no data', async () => {
    for (const path of ['/', '/status', ...readdirSync(folder).map((file) => `/status/${file}`)]) {
      if (path.endsWith('index.html')) continue
      const { status, headers } = await api.get(path)
      expect(status, path).toBe(200)
      expect(headers['content-security-policy'], path).toContain("default-src 'none'")
      expect(headers['x-content-type-options']).toBe('nosniff')
    }
    expect((await api.get('/info')).status).toBe(401)
  })

  it('takes nothing from elsewhere and runs nothing inline', () => {
    for (const file of readdirSync(folder)) {
      const text = readFileSync(new URL(file, folder), 'utf8').replaceAll('http://www.w3.org/2000/svg', '')
      expect(text, file).not.toMatch(/https?:|\/\/[a-z]+\.|innerHTML|<style|style=|onclick|eval\(/)
    }
  })

  it('says the same in both languages, and each problem of the node in Chinese', async () => {
    const { TEXTS } = (await import(new URL('texts.js', folder).href)) as {
      TEXTS: Record<'en' | 'zh', { problems: Record<string, [string, string]> }>
    }
    const keysOf = (tree: object): string[] =>
      Object.entries(tree).flatMap(([key, value]) =>
        typeof value === 'object' && key !== 'problems' ? keysOf(value as object) : [key],
      )
    expect(keysOf(TEXTS.zh)).toEqual(keysOf(TEXTS.en))
    const own = Object.keys(TEXTS.en.problems)
    expect(Object.keys(TEXTS.zh.problems).sort()).toEqual([...PROBLEMS, ...own].sort())
  })
})

it('refuses paths beside its files', async () => {
  for (const path of ['/status/index.html', '/status/..%2fpage.ts', '/status/page.ts'])
    expect((await api.get(path)).status, path).toBe(404)
})
