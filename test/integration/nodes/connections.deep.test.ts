import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { PROTOCOLS, StoreQueryRequest, writeFrame } from '@teahouse/protocol/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  becomesWell,
  newLightPeer,
  newMessage,
  prepareNode,
  spawnNode,
  startChain,
  until,
  type LightPeer,
  type NodeProcess,
  type TestChain,
} from '../../support/index.ts'

const TOPIC = '/teahouse-test/1/connections/bytes'
/** Together more than a stream takes before its reader reads. */
const MESSAGES = 5
const MESSAGE_BYTES = 140_000
/** Milliseconds that an honest peer may wait for an answer, on a machine that runs its attackers as well. */
const PATIENCE_MS = 10_000
const NO_CRITERIA = { paginationForward: true, contentTopics: [], messageHashes: [] }
/** Hosts that an attacker opens its connections from; what each opens a second stays below the node's limit. */
const NAMES = 10

let chain: TestChain
let node: NodeProcess
let honest: LightPeer
const attackers: Libp2p[] = []
const sockets: Socket[] = []

/** Hosts at one loopback address, which stands for an attacker's. */
async function attackersAt(localAddress: string, count = NAMES): Promise<Libp2p[]> {
  const dialOpts = { localAddress } as object
  const made = await Promise.all(
    Array.from({ length: count }, () =>
      createLibp2p({
        transports: [tcp({ dialOpts })],
        connectionEncrypters: [noise()],
        streamMuxers: [yamux()],
        connectionManager: { maxConnections: 10_000 },
        connectionMonitor: { enabled: false },
      }),
    ),
  )
  attackers.push(...made)
  return made
}

const addressOf = async () => multiaddr((await node.info()).multiaddrs[0])
const portOf = async (suffix: string) =>
  Number(
    (await node.info()).multiaddrs
      .map((text) => /tcp\/(\d+)(\/ws)?\/p2p/.exec(text))
      .find((match) => (match?.[2] ?? '') === suffix)?.[1],
  )

/** A new connection of an attacker. */
async function attack(): ReturnType<Libp2p['dial']> {
  const [host] = await attackersAt('127.0.1.1', 1)
  return host!.dial(await addressOf(), { force: true })
}

/** Runs an attack, and meanwhile has an honest peer ask again and again. Tells its slowest answer, in milliseconds. */
async function servedDuring(attacking: Promise<unknown>, peer: LightPeer): Promise<number> {
  let over = false
  let slowest = 0
  const ended = attacking.finally(() => (over = true))
  while (!over) {
    const startedAt = performance.now()
    expect(await peer.query({ includeData: false, paginationLimit: 1n })).toMatchObject({
      statusCode: 200,
    })
    slowest = Math.max(slowest, performance.now() - startedAt)
    await sleep(200)
  }
  await ended
  return slowest
}

/** Opens idle connections, about 45 a second. */
async function openIdle(hosts: readonly Libp2p[], count: number): Promise<void> {
  const address = await addressOf()
  for (let opened = 0; opened < count; opened += 9) {
    const dials = Array.from({ length: 9 }, (_, at) =>
      hosts[(opened + at) % hosts.length]!.dial(address, { force: true }),
    )
    await Promise.allSettled([...dials, sleep(200)])
  }
}

beforeAll(async () => {
  chain = await startChain()
  node = await spawnNode(await prepareNode(chain, { rateLimit: 20 }))
  honest = await newLightPeer((await node.info()).multiaddrs[0]!)
  for (let at = 0; at < MESSAGES; at++) {
    const payload = new Uint8Array(randomBytes(MESSAGE_BYTES))
    const push = async () => (await honest.push({ ...newMessage(TOPIC, ''), payload })).statusCode === 200
    await until('a message is kept', push, 60_000)
  }
}, 300_000)

afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  await Promise.allSettled([honest?.stop(), ...attackers.map(async (host) => host.stop())])
  await node?.kill()
  await chain?.stop()
}, 60_000)

describe('a node under attack serves honest peers, old and new', { timeout: 300_000 }, () => {
  it('1,000 idle connections: none that is of use gives up its place, and newcomers find one', async () => {
    const crowds = await Promise.all(['127.0.1.1', '127.0.0.2'].map((address) => attackersAt(address)))
    const crowding = Promise.all(crowds.map((hosts) => openIdle(hosts, 500)))
    expect(await servedDuring(crowding, honest)).toBeLessThan(PATIENCE_MS)
    expect(honest.connected()).toBe(true)

    const open = () => attackers.reduce((sum, host) => sum + host.getConnections().length, 0)
    // Attackers learn a moment later what the node has closed.
    await until('no more are open than the node has places', async () => open() <= 300)
    expect(open()).toBeGreaterThan(250)
    const newcomer = await newLightPeer((await node.info()).multiaddrs[0]!)
    expect(await newcomer.query({ paginationLimit: 1n })).toMatchObject({ statusCode: 200 })
    await newcomer.stop()
    const told = node
      .output()
      .split('\n')
      .filter((line) => line.includes('make room for others'))
    expect(told.length).toBeGreaterThan(0)
    expect(told.length).toBeLessThanOrEqual(2)
  })

  it.each(['', '/ws'])('300 sockets that say nothing (tcp%s) are dropped', async (suffix) => {
    const port = await portOf(suffix)
    const dropped = Array.from({ length: 300 }, () => {
      const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.1.1' })
      sockets.push(socket)
      socket.on('error', () => undefined).resume()
      return new Promise((resolve) => socket.once('close', resolve))
    })
    const startedAt = performance.now()
    expect(await servedDuring(Promise.all(dropped), honest)).toBeLessThan(PATIENCE_MS)
    expect(performance.now() - startedAt).toBeLessThan(20_000)
  })

  it('a slow reader, who asks for pages and reads none: its streams are reset', async () => {
    const connection = await attack()
    const query = { ...NO_CRITERIA, requestId: 'slow', includeData: true }
    const streams = await Promise.all(Array.from({ length: 30 }, () => connection.newStream(PROTOCOLS.store)))
    const closed = streams.map((stream) => {
      const close = new Promise((resolve) => stream.addEventListener('close', resolve))
      stream.pause()
      return writeFrame(stream, StoreQueryRequest.encode(query)).then(() => close)
    })
    expect(await servedDuring(Promise.allSettled(closed), honest)).toBeLessThan(PATIENCE_MS)
  })

  it('a flood of streams', async () => {
    const connection = await attack()
    const until = Date.now() + 5_000
    const open = async () => {
      while (Date.now() < until && connection.status === 'open') {
        await Promise.allSettled(Array.from({ length: 50 }, () => connection.newStream(PROTOCOLS.store)))
      }
    }
    expect(await servedDuring(open(), honest)).toBeLessThan(PATIENCE_MS)
  })

  it.each([
    { given: 'frames that tell 4 GiB', bytes: () => Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f) },
    { given: 'frames without an end', bytes: () => Uint8Array.of(0xff, 0xff, 0x03, 1) },
    { given: 'frames of chance', bytes: () => Uint8Array.of(100, ...randomBytes(100)) },
    { given: 'bytes of chance', bytes: () => new Uint8Array(randomBytes(2_000)) },
  ])('$given', async ({ bytes }) => {
    const send = async () => {
      for (let round = 0; round < 20; round++) {
        const connection = await attack()
        const sent = [PROTOCOLS.store, PROTOCOLS.lightPush, PROTOCOLS.relay].map(async (protocol) => {
          const stream = await connection.newStream(protocol)
          stream.send(bytes())
          await stream.close()
        })
        await Promise.allSettled([...sent, sleep(100)])
        await connection.close()
      }
    }
    expect(await servedDuring(send(), honest)).toBeLessThan(PATIENCE_MS)
    await becomesWell(node)
    expect(honest.connected()).toBe(true)
  })
})
