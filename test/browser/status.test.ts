import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { INFO, testApi, TOKEN, type TestApi } from '../../nodes/src/http/testing/test-api.ts'
import type { NodeHealth, NodeInfo } from '../../nodes/src/http/info.ts'
import { CHROMIUM } from './support/chromium.ts'

/** Where to put pictures for whoever wants to look at the page; none without it. */
const SHOTS = process.env['TEAHOUSE_SCREENSHOTS']

let info: NodeInfo = {
  ...INFO,
  operator: { ...INFO.operator, payee: `0x${'ab'.repeat(20)}` },
  funds: { coinWei: 10n ** 15n, staked: 100_000_000n, ageSeconds: 3 },
  peerId: '16Uiu2HAmPv7qZ7DbCYNp5FVxSM8pMnTXJtBoLX1cSPVgZ8qL3Mzd',
  peers: ['a', 'b', 'c'],
  archive: { state: 'ok', messages: 128_431 },
  payments: { credited: 42_500_000n, collected: 40_123_456n, pending: 2_376_544n, lost: 0n },
  rln: { ...INFO.rln, accepted: 90_210 },
}
let health: NodeHealth = { status: 'ok', problems: [] }

describe.skipIf(!CHROMIUM)(
  'the status page in Chromium (skipped if there is none)',
  { timeout: 60_000 },
  () => {
    let browser: Browser
    let open: TestApi
    let guarded: TestApi
    let url: string
    let guardedUrl: string

    beforeAll(async () => {
      const options = { info: async () => info, health: () => health }
      open = await testApi(options)
      guarded = await testApi({ ...options, trusted: false })
      url = await open.server.listen({ port: 0, host: '127.0.0.1' })
      guardedUrl = await guarded.server.listen({ port: 0, host: '127.0.0.1' })
      browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] })
    })
    afterAll(async () => {
      await browser?.close()
      await Promise.all([open?.stop(), guarded?.stop()])
    })

    /** A page, and everything that it said or asked for that it should not have. */
    async function visit(at: string, locale: string, colorScheme: 'light' | 'dark') {
      const context = await browser.newContext({
        locale,
        colorScheme,
        viewport: { width: 1180, height: 900 },
      })
      const page = await context.newPage()
      const faults: string[] = []
      page.on('console', (message) => void (message.type() === 'error' && faults.push(message.text())))
      page.on('pageerror', (error) => void faults.push(error.message))
      page.on('request', (request) => void (request.url().startsWith(at) || faults.push(request.url())))
      await page.goto(at)
      return { page, faults, close: () => context.close() }
    }

    const text = (page: Page, selector: string) => page.locator(selector).first().innerText()
    async function shoot(page: Page, name: string): Promise<void> {
      if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true })
    }

    it('shows how the node is, and goes on as it changes', async () => {
      const { page, faults, close } = await visit(url, 'en-US', 'light')
      await page.waitForSelector('#messages')
      expect(await text(page, '#state')).toBe('serving')
      expect(await text(page, '#messages .figure')).toContain('90,210')
      expect(await text(page, '#earnings .figure')).toContain('40.1234')
      expect(await text(page, '#stake .figure')).toContain('100')
      expect(await page.locator('#shards .on').count()).toBe(info.relayShards.length)
      expect(await text(page, '#warnings')).toContain(info.operator.node)
      info = { ...info, rln: { ...info.rln, accepted: 90_240 } }
      await expect.poll(() => text(page, '#messages .figure'), { timeout: 8_000 }).toContain('90,240')
      await shoot(page, 'light-en')
      expect(faults).toEqual([])
      await close()
    })

    it('says in Chinese, on dark, what is wrong', async () => {
      health = { status: 'degraded', problems: ['CHAIN_AWAY'] }
      const { page, faults, close } = await visit(url, 'zh-CN', 'dark')
      await page.waitForSelector('[data-code=CHAIN_AWAY]')
      expect(await page.evaluate('document.documentElement.lang')).toBe('zh-Hans')
      expect(await text(page, '[data-code=CHAIN_AWAY]')).toContain('没有 RPC 端点应答')
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(23, 20, 17)')
      await shoot(page, 'dark-zh')
      expect(faults).toEqual([])
      await close()
      health = { status: 'ok', problems: [] }
    })

    it('asks for the token where the node does, and shows nothing before', async () => {
      const { page, close } = await visit(guardedUrl, 'en-US', 'light')
      await page.waitForSelector('#token:not([hidden])')
      expect(await page.locator('.card').count()).toBe(0)
      await page.fill('#token-text', TOKEN)
      await page.click('#token button')
      await page.waitForSelector('#messages')
      expect(await page.evaluate('localStorage.length + sessionStorage.length')).toBe(0)
      await close()
    })
  },
)
