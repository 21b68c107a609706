import { afterEach, describe, expect, it } from 'vitest'
import { host, startHost, type Net } from '../../../nodes/src/net/index.ts'
import { sizesOf } from './sizes.ts'
import type { Weather } from '../../../scripts/scale/links.ts'
import { slowLinks, type SlowLinks } from './slow-links.ts'
import { plannedDials } from './swarm.ts'

let nets: Net[] = []
afterEach(async () => {
  await Promise.all(nets.map(async (net) => net.stop()))
  nets = []
})

const linksOf = (net: Net) => (net.services as unknown as { slowLinks: SlowLinks }).slowLinks

/** Two hosts that are connected; `random` decides on delays and on losses. */
async function pair(random: () => number): Promise<[Net, Net]> {
  for (let at = 0; at < 2; at++) {
    const privateKey = crypto.getRandomValues(new Uint8Array(32))
    const services = { slowLinks: slowLinks(random) }
    nets.push(await host({ listen: ['/ip4/127.0.0.1/tcp/0'] })({ privateKey, topics: [], services }))
    await startHost(nets[at]!)
  }
  const [a, b] = nets as [Net, Net]
  await a.dial(b.getMultiaddrs())
  return [a, b]
}

/** Milliseconds there and back, the quicker of two. */
async function roundTrip([a, b]: [Net, Net], weather: Weather): Promise<number> {
  for (const net of [a, b]) linksOf(net).setWeather(weather)
  const took = [await a.services.ping.ping(b.peerId), await a.services.ping.ping(b.peerId)]
  return Math.min(...took)
}

describe('slow links', () => {
  it('take their delay each way, and say which', async () => {
    const hosts = await pair(() => 0.5)
    expect(await roundTrip(hosts, { delayMs: [0, 0], loss: 0 })).toBeLessThan(60)
    const took = await roundTrip(hosts, { delayMs: [60, 100], loss: 0 })
    expect(took).toBeGreaterThanOrEqual(2 * 80 - 2)
    expect(linksOf(hosts[0]).delays().get(hosts[1].peerId.toString())).toBe(80)
  })

  it('take four delays more for what is lost', async () => {
    const hosts = await pair(() => 0.5)
    const took = await roundTrip(hosts, { delayMs: [20, 20], loss: 1 })
    expect(took).toBeGreaterThanOrEqual(2 * 5 * 20 - 2)
  })

  it('deliver everything in its order, however late', async () => {
    let toss = 0
    const hosts = await pair(() => (toss++ % 3) / 3)
    for (const net of hosts) linksOf(net).setWeather({ delayMs: [1, 10], loss: 0.2 })
    const got: Uint8Array[] = []
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    await hosts[1].handle('/test/1', (stream) => {
      stream.addEventListener('message', ({ data }) => void got.push(data.subarray()))
      stream.addEventListener('remoteCloseWrite', () => end())
    })
    const stream = await hosts[0].dialProtocol(hosts[1].getMultiaddrs(), '/test/1')
    const sent = Array.from({ length: 200 }, (_, at) => new Uint8Array(100).fill(at))
    for (const data of sent)
      if (!stream.send(data))
        await new Promise((next) => stream.addEventListener('drain', next, { once: true }))
    await stream.close()
    await ended
    expect(Buffer.concat(got).equals(Buffer.concat(sent))).toBe(true)
  })
})

describe('the network of a run', () => {
  it('joins each node with the next and with others at random, none twice or with itself', () => {
    const addresses = Array.from({ length: 50 }, (_, at) => String(at))
    const dials = plannedDials(addresses, { dials: 5, seed: 1 })
    const pairs = dials.flatMap((others, at) =>
      others.map((other) => [at, Number(other)].sort((a, b) => a - b).join()),
    )
    expect(new Set(pairs).size).toBe(pairs.length)
    expect(dials.every((others, at) => !others.includes(String(at)))).toBe(true)
    for (let at = 0; at < 50; at++) {
      const next = (at + 1) % 50
      expect(dials[at]!.includes(String(next)) || dials[next]!.includes(String(at))).toBe(true)
    }
    expect(plannedDials(['0', '1'], { dials: 5, seed: 1 }).flat()).toHaveLength(1)
  })

  it.each(['1', '10,x', '', '10,,20', '100000'])('is not of "%s" nodes', (text) => {
    expect(() => sizesOf(text)).toThrow(expect.objectContaining({ code: 'BAD_SIZES' }))
  })

  it('goes slower the more nodes share the machine, and no faster than the clock', () => {
    const [few, many] = sizesOf('10,150')
    expect(few!.slowMotion).toBe(1)
    expect(many!.slowMotion).toBe(10)
    expect(sizesOf('10', 4)[0]!.slowMotion).toBe(4)
    expect(() => sizesOf('10', 0.5)).toThrow(expect.objectContaining({ code: 'BAD_SIZES' }))
  })
})
