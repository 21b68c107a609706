import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Account, Chat, Client } from '@teahouse/client'
import { spawnNode, until } from '../../support/index.ts'
import { bytes, startNetwork, type TestNetwork } from '../client/network.ts'

const EVERY_MS = 10_000
const DELAY_MS = 300
const WAKE = { allowPrivate: true, delayMs: DELAY_MS, everyMs: EVERY_MS, failingMs: 5_000 }
const CONFIG = { payments: { freeQuota: 1_000 }, wake: WAKE }
const TOPIC = '/wake-test/1/tea/bin'
/** The node that wakes; others are written to. */
const WAKER = 2

interface Signal {
  readonly at: number
  readonly request: IncomingMessage
  readonly body: string
}

let net: TestNetwork
let service: Server
let status = 201
const got: Signal[] = []
let origin: string
let alice: Client
let bob: { account: Account; dir: string }

/** A push service on loopback. */
beforeAll(async () => {
  service = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      got.push({ at: Date.now(), request, body })
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
  net = await startNetwork({ nodes: [CONFIG, CONFIG] })
  alice = await net.client(await net.person())
  await alice.membership.join({ rateLimit: 60 })
  bob = await net.person()
})
afterAll(async () => {
  await net?.stop()
  await new Promise((resolve) => service.close(resolve))
})

const at = (path: string): Signal[] => got.filter(({ request }) => request.url === path)
const signalled = (path: string, count: number) =>
  until(`${path} is called ${count} times`, async () => at(path).length >= count, 60_000)
const send = (contentTopic = TOPIC) =>
  alice.send({ contentTopic, payload: bytes('the tea is ready'), node: 1 })

/** What the node tells of wake-ups. */
async function told(name: string): Promise<number | undefined> {
  const page = await (await fetch(`${net.nodes[WAKER - 1]!.apiUrl}/metrics`)).text()
  const line = page.split('\n').find((one) => one.startsWith(`teahouse_wake_${name} `))
  return line === undefined ? undefined : Number(line.split(' ')[1])
}

describe('a device that sleeps', () => {
  it('is woken once for several messages, and not again for a while; by nothing else', async () => {
    const endpoint = `${origin}/throttled`
    const until = await alice.wake.subscribe({ endpoint, topics: [TOPIC], node: WAKER })
    expect(until).toBeGreaterThan(Date.now() / 1_000 + 6 * 86_400)
    expect(at('/throttled')).toHaveLength(1) // to try it
    await send('/wake-test/1/coffee/bin')
    await sleep(5 * DELAY_MS)
    expect(at('/throttled')).toHaveLength(1)
    await send()
    await signalled('/throttled', 2)
    await Promise.all([send(), send(), send()])
    await signalled('/throttled', 3)
    const [, first, second] = at('/throttled')
    expect(second!.at - first!.at).toBeGreaterThan(EVERY_MS - 200)
    await sleep(EVERY_MS + 5 * DELAY_MS)
    expect(at('/throttled')).toHaveLength(3)
    expect(await told('signals_total{result="taken"}')).toBe(2)
    expect(await told('endpoints')).toBe(1)
    await alice.wake.cancel(endpoint, WAKER)
    expect(await told('endpoints')).toBe(0)
  })

  it('learns nothing from the signal: it is the same for every message, and holds none of it', async () => {
    const { messageHash, peerId } = await (async () => {
      await alice.wake.subscribe({ endpoint: `${origin}/silent`, topics: [TOPIC], node: WAKER })
      return send()
    })()
    await signalled('/silent', 2)
    const shapes = at('/silent').map(({ request: { method, rawHeaders }, body }) => {
      const named = rawHeaders.map((text, i) =>
        rawHeaders[i - 1]?.toLowerCase() === 'authorization' ? text.split(' ')[0] : text,
      )
      return JSON.stringify([method, named, body])
    })
    expect(new Set(shapes).size).toBe(1) // the first came of no message at all
    const [, { request, body }] = at('/silent') as [Signal, Signal]
    expect([body, request.headers['content-length']]).toEqual(['', '0'])
    const [, token = ''] = /t=([^,]+)/.exec(request.headers.authorization!)!
    const claims = Buffer.from(token.split('.')[1]!, 'base64url').toString()
    const all = request.rawHeaders.join('\n') + claims
    for (const secret of ['wake-test', '/tea', messageHash.slice(2), peerId, 'ready'])
      expect(all).not.toContain(secret)
    await alice.wake.cancel(`${origin}/silent`, WAKER)
  })

  it('is woken for a first word in its inbox while it is off, also by a node that was started again', async () => {
    const client = await net.client(bob)
    await client.membership.join({ rateLimit: 20 })
    const chat = await client.chat()
    await chat.start()
    await chat.publish()
    const topics = await chat.wakeTopics()
    await client.wake.subscribe({ endpoint: `${origin}/phone`, topics, node: WAKER })
    const { card } = chat
    await client.stop()
    const waker = net.nodes[WAKER - 1]!
    await waker.kill()
    net.nodes[WAKER - 1] = await spawnNode(waker)
    await until('the nodes are connected', async () => (await net.nodes[0]!.info()).peers.length > 0)

    const hers: Chat = await alice.chat()
    await hers.start()
    await hers.contacts.add(card, { name: 'Bob' })
    expect((await hers.send('Bob', 'Are you awake?')).state).toBe('sent')
    await signalled('/phone', 2)
    const woken = await net.client(bob)
    const theirs = await woken.chat()
    await theirs.start()
    const request = await until('Bob has the message', async () => (await theirs.requests())[0])
    expect(request.last?.body).toEqual({ kind: 'text', text: 'Are you awake?' })
    await woken.wake.cancel(`${origin}/phone`, WAKER)
  })

  it('is forgotten at once if its endpoint is gone, and if all signals to it fail for too long', async () => {
    await alice.wake.subscribe({ endpoint: `${origin}/gone`, topics: [TOPIC], node: WAKER })
    status = 410
    await send()
    await until('it is forgotten', async () => (await told('endpoints')) === 0)
    expect(await told('signals_total{result="gone"}')).toBe(1)
    status = 201
    await alice.wake.subscribe({ endpoint: `${origin}/failing`, topics: [TOPIC], node: WAKER })
    status = 503
    await send()
    await signalled('/failing', 2)
    expect(await told('endpoints')).toBe(1) // it may come back
    await send()
    await until('it is forgotten', async () => (await told('endpoints')) === 0)
    expect(at('/failing')).toHaveLength(3)
    await send()
    await sleep(EVERY_MS + 5 * DELAY_MS)
    expect(at('/failing')).toHaveLength(3)
  })

  it('has to have an endpoint that answers', async () => {
    status = 404
    const subscribing = alice.wake.subscribe({ endpoint: `${origin}/none`, topics: [TOPIC], node: WAKER })
    await expect(subscribing).rejects.toMatchObject({ code: 'REFUSED', detail: { status: 403 } })
    expect(await told('endpoints')).toBe(0)
    status = 201
  })
})
