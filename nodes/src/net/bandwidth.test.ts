import { generateKeyPair } from '@libp2p/crypto/keys'
import { frameReader, writeFrame } from '@teahouse/protocol/wire'
import { afterEach, describe, expect, it } from 'vitest'
import { bandwidth, type Bandwidth } from './bandwidth.ts'
import { host, type Net } from './host.ts'
import { TOPICS } from './test-hosts.ts'

const SINK = '/test/sink/1'
const SOURCE = '/test/source/1'
const RATE = 512 * 1024
const PAYLOAD = new Uint8Array(384 * 1024)

const nodes: Net[] = []
afterEach(async () => {
  for (const net of nodes.splice(0)) await net.stop()
})

async function start(budget?: Bandwidth, listen?: string[]): Promise<Net> {
  const { raw } = await generateKeyPair('secp256k1')
  const net = await host(listen && { listen })({ privateKey: raw, topics: TOPICS, bandwidth: budget })
  nodes.push(net)
  await net.start()
  return net
}

function limits(up?: number, down?: number): Bandwidth {
  const budget = bandwidth()
  budget.setLimits({ up, down })
  return budget
}

/** Sends from one host to the other over as many streams as there are payloads; the seconds until all has come. */
async function transfer(from: Net, to: Net, address: number, payloads = [PAYLOAD]): Promise<number> {
  const all = Promise.withResolvers<void>()
  let missing = payloads.length
  await to.handle(
    SINK,
    async (stream) => {
      await frameReader(stream, { maxBytes: 1024 * 1024 }).read()
      if (--missing === 0) all.resolve()
    },
    { force: true },
  )
  await from.dial(to.getMultiaddrs()[address]!)
  const began = performance.now()
  for (const payload of payloads) {
    const stream = await from.dialProtocol(to.peerId, SINK)
    void writeFrame(stream, payload).then(() => stream.close())
  }
  await all.promise
  return (performance.now() - began) / 1_000
}

describe('the bandwidth of a host', () => {
  const due = PAYLOAD.byteLength / RATE
  it.each([
    { way: 'up over TCP', address: 0, up: RATE, down: undefined },
    { way: 'down over TCP', address: 0, up: undefined, down: RATE },
    { way: 'down over WebSocket', address: 1, up: undefined, down: RATE },
  ])('is kept $way, and nothing is lost', async ({ address, up, down }) => {
    const sender = await start(up === undefined ? undefined : limits(up))
    const receiver = await start(down === undefined ? undefined : limits(undefined, down))
    const seconds = await transfer(sender, receiver, address)
    // What a quarter of a second brings may be saved up.
    expect(seconds).toBeGreaterThan(due - 0.26)
    expect(seconds).toBeLessThan(due + 5)
  })

  it('is shared by connections in turns: little does not wait for much', async () => {
    const budget = limits(RATE)
    const [sender, first, second] = [await start(budget), await start(), await start()]
    await sender.dial(second.getMultiaddrs()[0]!)
    const much = transfer(sender, first, 0, [PAYLOAD, PAYLOAD, PAYLOAD])
    const little = await transfer(sender, second, 0, [PAYLOAD.subarray(0, 8 * 1024)])
    expect(little).toBeLessThan((await much) / 2)
    expect(budget.up.used).toBeGreaterThan(PAYLOAD.byteLength)
  })

  describe('over WebRTC', () => {
    const WEB_RTC = '/ip4/127.0.0.1/udp/0/webrtc-direct'

    it('is kept up, for what it sends and for what it answers', async () => {
      const [node, page] = [await start(limits(RATE), [WEB_RTC]), await start(undefined, [WEB_RTC])]
      await node.handle(SOURCE, async (stream) => {
        await writeFrame(stream, PAYLOAD)
        await stream.close()
      })
      const began = performance.now()
      const answer = await page.dialProtocol(node.getMultiaddrs(), SOURCE)
      const bytes = await frameReader(answer, { maxBytes: 1024 * 1024 }).read()
      expect(bytes).toEqual(PAYLOAD)
      expect((performance.now() - began) / 1_000).toBeGreaterThan(due - 0.26)
      expect(await transfer(node, page, 0)).toBeGreaterThan(due - 0.26)
    })

    it('is counted down, and what comes over TCP waits for it', async () => {
      const budget = limits(undefined, RATE)
      const node = await start(budget, ['/ip4/127.0.0.1/tcp/0', WEB_RTC])
      const addresses = node.getMultiaddrs().map(String)
      const [page, other] = [await start(undefined, [WEB_RTC]), await start()]
      const began = performance.now()
      for (const [from, way] of [
        [page, '/webrtc-direct'],
        [other, '/tcp/'],
      ] as const) {
        const address = addresses.findIndex((one) => one.includes(way))
        await transfer(from, node, address)
      }
      expect((performance.now() - began) / 1_000).toBeGreaterThan(2 * due - 0.26)
      expect(budget.down.used).toBeGreaterThan(2 * PAYLOAD.byteLength)
    })
  })

  it('can be widened while something waits', async () => {
    const budget = limits(32 * 1024)
    setTimeout(() => budget.setLimits({ up: undefined, down: undefined }), 300)
    expect(await transfer(await start(budget), await start(), 0)).toBeLessThan(5)
  })
})
