import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createVerifier, type RlnProof } from '@teahouse/protocol/rln'
import { artifacts } from '../circuits/support/rln.ts'
import type { TeahousePage } from './page/page.ts'
import { CHROMIUM, hostPage, type PageHost } from './support/chromium.ts'

declare global {
  var opened: Awaited<ReturnType<TeahousePage['open']>>
}

const verifier = createVerifier(artifacts.vkey)
/** A proof as the page tells it: every bigint is a text. */
const holds = (text: string): Promise<boolean> =>
  verifier.verify(
    JSON.parse(text, (_, value: unknown) => (typeof value === 'string' ? BigInt(value) : value)) as RlnProof,
  )

describe.skipIf(!CHROMIUM)('in Chromium (skipped if there is none)', { timeout: 120_000 }, () => {
  let host: PageHost
  let context: BrowserContext
  let page: Page

  async function openPage(): Promise<Page> {
    const opened = await context.newPage()
    await opened.goto(host.url)
    await opened.evaluate(async () => {
      globalThis.opened = await globalThis.teahouse.open('slots')
    })
    return opened
  }

  beforeAll(async () => {
    host = await hostPage()
    context = await host.context()
    page = await openPage()
  }, 120_000)
  afterAll(async () => {
    await verifier.stop()
    await host?.stop()
  })

  it('makes a slot in a worker while the page goes on, and finishes it at once', async () => {
    const { frames, progress } = await page.evaluate(() => globalThis.opened.prepare())
    expect(frames).toBeGreaterThan(10)
    expect(progress.at(-1)).toBe(1)
    const before = await page.evaluate(() => globalThis.opened.counters())
    const sent = await page.evaluate(() => globalThis.opened.send('123456789'))
    expect(await holds(sent!.proof)).toBe(true)
    expect(await page.evaluate(() => globalThis.opened.counters())).toEqual(before)
  })

  it('keeps a slot over a reload, and gives it to one of two tabs', async () => {
    await page.evaluate(() => globalThis.opened.prepare())
    await page.close()
    page = await openPage()
    const other = await openPage()
    expect(await other.evaluate(() => globalThis.opened.labels())).toHaveLength(1)
    const send = (tab: Page) => tab.evaluate(() => globalThis.opened.send('77'))
    const sent = (await Promise.all([send(page), send(other), send(page)])).filter(Boolean)
    expect(sent).toHaveLength(1)
    expect(await holds(sent[0]!.proof)).toBe(true)
    await other.close()
  })

  it('keeps slots sealed under a key that no script can read', async () => {
    await page.evaluate(() => globalThis.opened.prepare())
    expect(await page.evaluate(() => globalThis.teahouse.exportKey('slots'))).toBe('refused')
    const stored = await page.evaluate(async () => {
      const { storage } = globalThis.opened
      const [key] = await storage.keys('test/slot/')
      return (await storage.get(key!))!.value
    })
    expect(stored).toMatch(/^[A-Za-z0-9+/=]{900,}$/)
  })

  it('proves without a slot, on the plain path and on the cached one', async () => {
    const paths: string[] = []
    for (const x of ['5', '6']) {
      const { proof, path } = await page.evaluate((given) => globalThis.opened.prove(given), x)
      expect(await holds(proof)).toBe(true)
      paths.push(path)
    }
    expect(paths.at(-1)).toBe('cached')
  })

  it('stops when told so', async () => {
    expect(await page.evaluate(() => globalThis.opened.cancel())).toBe('ABORTED')
  })

  it('unlocks an account file by the PRF of a passkey, and only by that one', async () => {
    const tab = await context.newPage()
    await tab.goto(host.url.replace('127.0.0.1', 'localhost')) // a passkey belongs to a name
    const devtools = await context.newCDPSession(tab)
    await devtools.send('WebAuthn.enable')
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
        ...{ hasPrf: true, isUserVerified: true, automaticPresenceSimulation: true },
      },
    })
    const { text, locks, isSame } = await tab.evaluate(() => globalThis.teahouse.unlockByPasskey())
    expect({ locks, isSame }).toEqual({ locks: ['passphrase', 'passkey'], isSame: true })
    const { locks: all } = JSON.parse(text) as { locks: Record<string, string>[] }
    const otherSalt = JSON.stringify({
      ...JSON.parse(text),
      locks: [all[0], { ...all[1], salt: 'A'.repeat(43) }],
    })
    expect(await tab.evaluate((given) => globalThis.teahouse.tryPasskey(given), otherSalt)).toBe(
      'WRONG_PASSPHRASE',
    )
    await devtools.send('WebAuthn.clearCredentials', { authenticatorId })
    expect(await tab.evaluate((given) => globalThis.teahouse.tryPasskey(given), text)).toBe('REFUSED')
    await tab.close()
  })

  it('has a store whose updates no tab can interleave, and that changes nothing when a change throws', async () => {
    const other = await openPage()
    const count = (tab: Page) =>
      tab.evaluate(async () => {
        const store = await globalThis.teahouse.store('counting')
        const increment = () => store.update('n', (old) => String(Number(old?.value ?? 0) + 1))
        await Promise.all(Array.from({ length: 20 }, increment))
        const failed = await store
          .update('n', () => {
            throw new RangeError('no')
          })
          .catch(String)
        return [failed, (await store.get('n'))!.value, await store.keys('')] as const
      })
    const [one, two] = await Promise.all([count(page), count(other)])
    expect(one[0]).toBe('RangeError: no')
    expect(Math.max(Number(one[1]), Number(two[1]))).toBe(40)
    expect(one[2]).toEqual(['n'])
  })
})
