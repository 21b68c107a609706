import { gzipSync } from 'node:zlib'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  accountFromPhrase,
  writeInvitation,
  type Chat,
  type Client,
  type IncomingMessage,
} from '@teahouse/client'
import { backupTopic } from '../../client/src/backups/topics.ts'
import { startNetwork, type TestNetwork } from '../integration/client/network.ts'
import { ROOT } from '../support/index.ts'
import { CHROMIUM, hostPage, type PageHost } from './support/chromium.ts'

const FREE = { payments: { freeQuota: 1_000 } }
const PASSPHRASE = 'oolong in the morning'
const ANSWER_MS = 60_000
/** What a page may download before it has sent and read, gzipped: all scripts but that of the worker that proves. */
const SCRIPT_BYTES = 350_000
/** A page leaves backups with nodes from then on, and downloads how. */
const BACKUPS_AFTER_MS = 30_000

describe.skipIf(!CHROMIUM)('a messenger in Chromium (skipped if there is none)', { timeout: 180_000 }, () => {
  let net: TestNetwork
  let host: PageHost
  let page: Page
  let alice: Client
  let chat: Chat
  let phrase: string

  const line = (text: string) => page.getByRole('listitem').filter({ hasText: text })

  let incoming: AsyncIterator<IncomingMessage>
  /** The next thing that reaches Alice. */
  const heard = async () => ((await incoming.next()) as IteratorYieldResult<IncomingMessage>).value.body

  /** The stranger who writes to Alice next. */
  async function stranger(): Promise<string> {
    for await (const event of chat.events()) if (event.kind === 'request') return event.account
    throw new Error('Nobody wrote')
  }

  beforeAll(async () => {
    net = await startNetwork({ nodes: [FREE, FREE] })
    const home = await mkdtemp(join(tmpdir(), 'teahouse-page-'))
    await writeFile(join(home, 'local.json'), JSON.stringify(net.network))
    process.env['TEAHOUSE_HOME'] = home
    alice = await net.client(await net.person())
    await alice.membership.join({ rateLimit: 60 })
    chat = await alice.chat({ name: 'Alice', ackDelayMs: 200 })
    await chat.start()
    await chat.publish()
    incoming = chat.incoming()[Symbol.asyncIterator]()
    host = await hostPage(join(ROOT, 'examples/page'))
    page = await (await host.context()).newPage()
    await page.goto(host.url)
  }, 180_000)
  afterAll(async () => {
    delete process.env['TEAHOUSE_HOME']
    await host?.stop()
    await net?.stop()
  })

  it('makes an account, takes a membership, proves, writes, and reads the answer', async () => {
    const gift = await alice.gifts.make({ rateLimit: 60, validSeconds: 3_600 })
    const invitation = writeInvitation({ card: { key: alice.account.chat.publicKey, name: 'Alice' }, gift })
    const asked = stranger()
    await page.getByLabel('invitation').fill(invitation)
    await page.getByLabel('passphrase').fill(PASSPHRASE)
    await page.getByRole('button', { name: 'Make an account' }).click()
    await page.getByLabel('Message').fill('Is the tea ready?', { timeout: ANSWER_MS })
    phrase = (await page.getByText('Write these words down').innerText()).split(': ')[1]!
    await page.getByRole('button', { name: 'Send' }).click()
    await chat.accept(await asked, 'Bob')
    expect(await heard()).toMatchObject({ text: 'Is the tea ready?' })
    await chat.send('Bob', 'It is, come in')
    await line('It is, come in').waitFor({ timeout: ANSWER_MS })
    await page.locator('li.mine[data-state=delivered]').waitFor({ timeout: ANSWER_MS })
  })

  it('goes on after a reload, with the passphrase and nothing else', async () => {
    await page.reload()
    await page.getByLabel('passphrase').fill('puer')
    await page.getByRole('button', { name: 'Unlock' }).click()
    await page
      .getByText(/passphrase/i)
      .first()
      .waitFor()
    await page.getByLabel('passphrase').fill(PASSPHRASE)
    await page.getByRole('button', { name: 'Unlock' }).click()
    await line('It is, come in').waitFor({ timeout: ANSWER_MS })
    await page.getByLabel('Message').fill('Two cups, please')
    await page.getByRole('button', { name: 'Send' }).click()
    expect(await heard()).toMatchObject({ text: 'Two cups, please' })
  })

  it('has not downloaded more script than a slow line bears', async () => {
    await chat.send('Bob', 'Sugar?')
    await line('Sugar?').waitFor({ timeout: ANSWER_MS })
    const scripts = await page.evaluate(
      (before) =>
        performance
          .getEntriesByType('resource')
          .filter(({ name, startTime }) => /\.js$/.test(name) && !/worker/.test(name) && startTime < before)
          .map(({ name }) => name),
      BACKUPS_AFTER_MS,
    )
    const sizes = await Promise.all(
      [...new Set(scripts)].map(
        async (url) => gzipSync(new Uint8Array(await (await fetch(url)).arrayBuffer())).length,
      ),
    )
    expect(sizes.length).toBeGreaterThan(1)
    const sum = sizes.reduce((all, size) => all + size, 0)
    expect(sum).toBeGreaterThan(100_000)
    expect(sum).toBeLessThanOrEqual(SCRIPT_BYTES)
  })

  it('leaves neither phrase nor words in what the browser keeps in the clear', async () => {
    const words = await page.evaluate(async () => {
      const kept: string[] = Object.values({ ...localStorage }) as string[]
      for (const { name } of await indexedDB.databases()) {
        const db = await new Promise<IDBDatabase>((resolve) => {
          const opening = indexedDB.open(name!)
          opening.onsuccess = () => resolve(opening.result)
        })
        for (const table of db.objectStoreNames) {
          const values = await new Promise<unknown[]>((resolve) => {
            const reading = db.transaction(table).objectStore(table).getAll()
            reading.onsuccess = () => resolve(reading.result as unknown[])
          })
          kept.push(...values.filter((value) => typeof value === 'string'))
        }
        db.close()
      }
      return kept.join('\n')
    })
    expect(words.length).toBeGreaterThan(5_000)
    for (const text of ['Two cups', 'tea ready', 'come in', PASSPHRASE]) expect(words).not.toContain(text)
    expect(words).not.toMatch(/([a-z]{3,8} ){11}[a-z]{3,8}/)
  })

  it('knows whom it talked to from the phrase alone, where the browser has thrown everything away', async () => {
    const { backupKey } = accountFromPhrase(phrase)
    const left = () => alice.history({ contentTopic: backupTopic(backupKey, Date.now() / 1_000) })
    await expect.poll(async () => (await left()).messages.length, { timeout: 90_000 }).toBe(1)
    await page.close()
    page = await (await host.context()).newPage()
    await page.goto(host.url)
    await page.getByLabel('words of an account').fill(phrase)
    await page.getByLabel('passphrase').fill('another one')
    await page.getByRole('button', { name: 'Make an account' }).click()
    await page.getByText('You are talking to Alice').waitFor({ timeout: ANSWER_MS })
    await page.getByLabel('Message').fill('I lost my memory')
    await page.getByRole('button', { name: 'Send' }).click()
    expect(await heard()).toMatchObject({ text: 'I lost my memory' })
    expect(await page.getByText('It is, come in').count()).toBe(0)
  })
})
