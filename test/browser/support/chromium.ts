import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext } from 'playwright-core'
import { build, preview, type PreviewServer } from 'vite'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** A Chromium of this machine, or of TEAHOUSE_CHROMIUM; undefined if there is none. */
export const CHROMIUM = [process.env['TEAHOUSE_CHROMIUM'], ...PLACES].find(
  (path) => path !== undefined && existsSync(path),
)

export interface PageHost {
  readonly url: string
  readonly browser: Browser
  /** A context of its own storage. */
  context(): Promise<BrowserContext>
  stop(): Promise<void>
}

/** The page of test/browser. */
const PAGE = join(import.meta.dirname, '../page')

/** Builds a page with Vite, as an application would, serves it and starts Chromium. */
export async function hostPage(page = PAGE): Promise<PageHost> {
  const outDir = await mkdtemp(join(tmpdir(), 'page-teahouse-'))
  const configFile = join(page, 'vite.config.ts')
  let server: PreviewServer | undefined
  let browser: Browser | undefined
  const stop = async () => {
    await browser?.close()
    await server?.close()
    await rm(outDir, { recursive: true, force: true })
  }
  try {
    await build({ configFile, build: { outDir } })
    server = await preview({ configFile, build: { outDir }, preview: { port: 0, host: '127.0.0.1' } })
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] })
    const url = server.resolvedUrls!.local[0]!
    return { url, browser, stop, context: () => browser!.newContext() }
  } catch (error) {
    await stop()
    throw error
  }
}
