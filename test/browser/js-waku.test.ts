import type { BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from '../../scripts/start/free-ports.ts'
import {
  installLightClient,
  LIGHT_CLIENT_PAGE,
  startLightClient,
  type LightClient,
  type LightClientOptions,
  type Tasks,
} from '../integration/nodes/js-waku/light-client.ts'
import {
  CLUSTER_ID,
  prepareNode,
  SHARDS,
  spawnNode,
  startChain,
  type NodeProcess,
  type PreparedNode,
  type TestChain,
} from '../support/index.ts'
import { CHROMIUM, hostPage, type PageHost } from './support/chromium.ts'

type InPage = Record<string, (task: object) => unknown>
declare global {
  var openLightClient: (options: LightClientOptions) => Promise<InPage>
  var lightClient: InPage
}

const CLIENTS = [
  { name: 'Chromium over WebSocket', transport: '/ws/', open: openInPage },
  { name: 'Chromium over WebRTC', transport: '/webrtc-direct/', open: openInPage },
  { name: 'Node over WebSocket', transport: '/ws/', open: startLightClient },
]
const TEXTS = CLIENTS.map(({ name }) => `from ${name}`)
const clients = new Map<string, LightClient>()
let chain: TestChain
let prepared: PreparedNode
let node: NodeProcess
let host: PageHost
let context: BrowserContext

async function openInPage(options: LightClientOptions): Promise<LightClient> {
  const page = await context.newPage()
  await page.goto(host.url)
  await page.evaluate(async (given) => {
    globalThis.lightClient = await globalThis.openLightClient(given)
  }, options)
  return {
    ask: <Name extends keyof Tasks>(name: Name, task: Tasks[Name]['task']) => {
      const call: [string, object] = [name, task]
      return page.evaluate(([what, how]) => globalThis.lightClient[what]!(how), call) as never
    },
    stop: () => page.close(),
  }
}

async function openClient({ name, transport, open }: (typeof CLIENTS)[number]): Promise<void> {
  const multiaddr = (await node.info()).multiaddrs.find((address) => address.includes(transport))!
  const contentTopic = '/toychat/2/huilong/proto'
  clients.set(name, await open({ multiaddr, clusterId: CLUSTER_ID, shards: SHARDS, contentTopic }))
}

const push = (name: string, text: string) => clients.get(name)!.ask('push', { text })

describe.skipIf(!CHROMIUM)('js-waku in Chromium (skipped if there is none)', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    const [tcp, ws, udp] = await freePorts(3)
    const listen = [`tcp/${tcp}`, `tcp/${ws}/ws`, `udp/${udp}/webrtc-direct`]
    const config = { listen: listen.map((part) => `/ip4/127.0.0.1/${part}`) }
    chain = await startChain()
    const starting = prepareNode(chain, { rateLimit: 20, config }).then(async (made) => {
      prepared = made
      node = await spawnNode(prepared)
    })
    await Promise.all([starting, installLightClient()])
    host = await hostPage(LIGHT_CLIENT_PAGE)
    context = await host.context()
    await Promise.all(CLIENTS.map(openClient))
  }, 300_000)

  afterAll(async () => {
    await Promise.allSettled([...clients.values()].map((client) => client.stop()))
    await host?.stop()
    await node?.kill()
    await chain?.stop()
  }, 60_000)

  it('pushes without a proof of its own', async () => {
    for (const { name } of CLIENTS) {
      expect(await push(name, `from ${name}`)).toEqual({ successes: 1, failures: [] })
    }
  })

  it.each(CLIENTS)('receives by filter and queries pages in both directions: $name', async ({ name }) => {
    const client = clients.get(name)!
    expect((await client.ask('received', { count: 3 })).sort()).toEqual([...TEXTS].sort())
    expect(await client.ask('query', { forward: true, page: 2 })).toEqual(TEXTS)
    expect(await client.ask('query', { forward: false, page: 2 })).toEqual([TEXTS[1], TEXTS[2], TEXTS[0]])
  })

  it(
    'is back by itself after the node was restarted, its filter included',
    { timeout: 120_000 },
    async () => {
      await node.kill()
      node = await spawnNode(prepared)
      const pushed = CLIENTS.map(({ name }) =>
        expect
          .poll(() => push(name, `again from ${name}`), { timeout: 40_000, interval: 500 })
          .toEqual({ successes: 1, failures: [] }),
      )
      await Promise.all(pushed)
      const heardByAll = async (text: string) =>
        (
          await Promise.all([...clients.values()].map((client) => client.ask('received', { count: 0 })))
        ).every((texts) => texts.includes(text))
      // Whoever pushes is not told whether the others have renewed their filters.
      const probe = async () => {
        await push(CLIENTS[0]!.name, 'is anybody there?')
        return heardByAll('is anybody there?')
      }
      await expect.poll(probe, { timeout: 32_000, interval: 4_000 }).toBe(true)
      for (const { name } of CLIENTS) {
        await expect
          .poll(() => push(name, `to all from ${name}`), { timeout: 20_000, interval: 2_000 })
          .toEqual({ successes: 1, failures: [] })
        await expect.poll(() => heardByAll(`to all from ${name}`), { timeout: 10_000 }).toBe(true)
      }
    },
  )
})
