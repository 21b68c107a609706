import { readFile, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SERVICES, servicesFrom } from '@teahouse/protocol/chain'
import { PROTOCOLS } from '@teahouse/protocol/wire'
import {
  newLightPeer,
  prepareNode,
  spawnNode,
  startChain,
  until,
  type LightPeer,
  type NodeProcess,
  type TestChain,
} from '../../support/index.ts'

const TOPIC = '/teahouse-test/1/profiles/bytes'
const ADMIN = '/admin/v1/profile'
const MEMBERSHIP = { identityFile: 'identity.json', proofShare: 1, proofSharePerPeer: 1 }

let chain: TestChain
/** Changes its profile. */
let node: NodeProcess
/** Relays and keeps everything all the time. */
let other: NodeProcess
let peer: LightPeer
let token: string
let counter: Counter

interface Profile {
  readonly profile: string
  readonly budgets: { readonly disk: { readonly used: number; readonly refused: number } }
}

/** A way to a port that counts the bytes that come back. */
interface Counter {
  readonly port: number
  bytes(): number
  close(): void
}

async function countingWay(to: number): Promise<Counter> {
  let bytes = 0
  const server: Server = createServer((inside) => {
    const outside = connect(to, '127.0.0.1')
    outside.on('data', (chunk: Buffer) => (bytes += chunk.length))
    inside.pipe(outside).pipe(inside)
    for (const socket of [inside, outside])
      socket.on('error', () => [inside, outside].forEach((one) => one.destroy()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, bytes: () => bytes, close: () => server.close() }
}

beforeAll(async () => {
  chain = await startChain()
  const changing = { lightpush: { minRelayPeers: 1 }, profile: 'edge', rln: MEMBERSHIP } as const
  const steady = { lightpush: { minRelayPeers: 0 }, rln: MEMBERSHIP }
  const first = await prepareNode(chain, { rateLimit: 200, config: changing })
  const second = await prepareNode(chain, { rateLimit: 50, config: steady })
  ;[node, other] = await Promise.all([spawnNode(first), spawnNode(second)])
  token = (await readFile(join(node.folder, 'data', 'api.token'), 'utf8')).trim()
  const { multiaddrs, peerId } = await node.info()
  counter = await countingWay(Number(/\/tcp\/(\d+)/.exec(multiaddrs[0]!)![1]))
  peer = await newLightPeer(`/ip4/127.0.0.1/tcp/${counter.port}/p2p/${peerId}`)
  // The first proof takes longest, and a message must not be old when it has one.
  for (const at of [other, node])
    await until('a proof is made', async () => (await publish(at, 'first')).status === 200, 60_000)
}, 240_000)
afterAll(async () => {
  await peer?.stop()
  await Promise.all([node?.kill(), other?.kill()])
  counter?.close()
  await chain?.stop()
})

async function ask(at: NodeProcess, method: string, path: string, body?: unknown) {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body ? { 'content-type': 'application/json' } : {}),
  }
  const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) }
  const answer = await fetch(`${at.apiUrl}${path}`, { ...init, signal: AbortSignal.timeout(60_000) }).catch(
    (cause: unknown) => {
      throw new Error(`No answer to ${method} ${path}`, { cause })
    },
  )
  const text = await answer.text()
  return { status: answer.status, body: (/^[{[]/.test(text) ? JSON.parse(text) : text) as unknown }
}

async function switchTo(profile: string): Promise<void> {
  expect(await ask(node, 'PUT', ADMIN, { profile })).toMatchObject({ status: 200, body: { profile } })
}

/** Publishes over HTTP, which every profile does; the answer's status and code. */
async function publish(at: NodeProcess, payload: string | Buffer) {
  const message = { payload: Buffer.from(payload).toString('base64'), contentTopic: TOPIC }
  const { status, body } = await ask(at, 'POST', '/lightpush/v3/message', { message })
  return { status, message: (body as { message?: string }).message ?? '' }
}

/** The payloads that a node keeps. */
async function kept(at: NodeProcess): Promise<Set<string>> {
  const found = new Set<string>()
  for (let cursor = '', more = true; more;) {
    const query = new URLSearchParams({ contentTopics: TOPIC, includeData: 'true', pageSize: '100', cursor })
    const { body } = await ask(at, 'GET', `/store/v3/messages?${query.toString()}`)
    const page = body as { messages: { message: { payload: string } }[]; paginationCursor?: string }
    for (const { message } of page.messages) found.add(Buffer.from(message.payload, 'base64').toString())
    cursor = page.paginationCursor ?? ''
    more = cursor !== ''
  }
  return found
}

async function taken(at: NodeProcess): Promise<string[]> {
  const { body } = await ask(at, 'GET', `/relay/v1/auto/messages/${encodeURIComponent(TOPIC)}`)
  return (body as { payload: string }[]).map(({ payload }) => Buffer.from(payload, 'base64').toString())
}

/** Milliseconds between two messages: a proof takes a core for a while. */
const PAUSE_MS = 200

/** Publishes from its start to its stop; tells what was acknowledged, and in which profile. */
function stream() {
  const acknowledged: { text: string; profile: string }[] = []
  let profile = 'edge'
  let isOver = false
  let running: Promise<void> | undefined
  async function run(): Promise<void> {
    for (let at = 0; !isOver; at++) {
      const text = `message ${at}`
      const during = profile
      const { status } = await publish(node, text)
      if (status === 200) acknowledged.push({ text, profile: during === profile ? during : 'between' })
      await sleep(PAUSE_MS)
    }
  }
  return {
    acknowledged,
    now: (next: string) => void (profile = next),
    start: () => void (running = run()),
    async stop() {
      isOver = true
      await running
    },
  }
}

/** The services that the record on chain says of the node. */
async function announced(): Promise<number | undefined> {
  const { ServiceRegistry: address } = chain.contracts
  return servicesFrom(await chain.client.getLogs({ address, fromBlock: 0n })).get(node.operatorId)?.services
}

describe('a node that changes its profile while messages flow', () => {
  const flow = stream()
  afterAll(() => flow.stop())

  /** Changes the profile, and waits until messages flow in it. */
  async function phase(profile: string): Promise<void> {
    flow.now('between')
    if ((await node.info()).profile !== profile) await switchTo(profile)
    flow.now(profile)
    const before = flow.acknowledged.length
    await until(
      `messages flow as ${profile}`,
      async () => flow.acknowledged.slice(before).filter((one) => one.profile === profile).length >= 2,
    )
  }

  /** A message of the other node comes to the subscriber of this one. */
  async function reaches(text: string): Promise<void> {
    await until('it is sent', async () => (await publish(other, text)).status === 200)
    await until('a message of the other node arrives', async () => (await taken(node)).includes(text))
  }

  const isSpoken = (protocol: string) =>
    peer.openStream(protocol).then(
      (stream) => (stream.abort(new Error('only asked')), true),
      (err: Error) => {
        expect(err.name).toBe('UnsupportedProtocolError')
        return false
      },
    )
  const { relay, store, lightPush, filterSubscribe } = PROTOCOLS
  const spoken = async () => Promise.all([relay, store, lightPush, filterSubscribe].map(isSpoken))

  it('as edge takes messages from a node that relays, and gives it its own', async () => {
    await ask(node, 'POST', '/relay/v1/auto/subscriptions', [TOPIC])
    flow.start()
    await phase('edge')
    await reaches('to the edge')
    expect(await spoken()).toEqual([false, false, true, true])
  })

  it('as relay keeps nothing, and says so on chain', async () => {
    await phase('full')
    expect(await spoken()).toEqual([true, true, true, true])
    expect((await peer.query()).statusCode).toBe(200)
    await phase('relay')
    await reaches('to the relay')
    expect(await spoken()).toEqual([true, false, false, false])
    const query = await ask(node, 'GET', `/store/v3/messages?contentTopics=${encodeURIComponent(TOPIC)}`)
    expect(query).toMatchObject({ status: 501, body: { code: 'NOT_SERVED' } })
    await until('the record on chain says so', async () => (await announced()) === SERVICES.relay)
  })

  it('has lost nothing that it acknowledged', async () => {
    await phase('full')
    await flow.stop()
    const texts = flow.acknowledged.map(({ text }) => text)
    await until('the other node has them all', async () => {
      const there = await kept(other)
      return texts.every((text) => there.has(text))
    })
    const here = await kept(node)
    for (const { text, profile } of flow.acknowledged) if (profile === 'full') expect(here).toContain(text)
  })
})

/** Writes other budgets into the configuration, and has it read. */
async function setBudgets(budgets: object): Promise<void> {
  const config = { ...node.config, budgets }
  await writeFile(node.configFile, JSON.stringify(config))
  const reads = () => node.output().split('Read the configuration again').length
  const before = reads()
  process.kill(node.pid, 'SIGHUP')
  await until('the configuration is read', async () => reads() > before)
}

const profileNow = async () => (await ask(node, 'GET', ADMIN)).body as Profile
const large = (at: number) => Buffer.from(`large ${at} `.padEnd(100_000, 'x'))

describe('budgets of a running node', () => {
  it('bandwidth is kept to within a fifth, as the socket has it', async () => {
    for (let at = 0; at < 3; at++) expect(await publish(node, large(at))).toMatchObject({ status: 200 })
    const upload = 128 * 1024
    await setBudgets({ upload })
    const before = counter.bytes()
    const reading = Promise.all([1, 2, 3].map(() => peer.query()))
    await until('the answers come', async () => counter.bytes() > before)
    await sleep(500)
    const from = { bytes: counter.bytes(), at: performance.now() }
    await sleep(3_000)
    const perSecond = ((counter.bytes() - from.bytes) * 1_000) / (performance.now() - from.at)
    expect(perSecond).toBeGreaterThan(upload * 0.8)
    expect(perSecond).toBeLessThan(upload * 1.2)
    await setBudgets({ upload: null })
    // Slowed, not lost.
    for (const { statusCode, messages } of await reading) {
      expect(statusCode).toBe(200)
      expect(messages.length).toBeGreaterThan(2)
    }
  })

  it('disk: what does not fit is refused by the protocol’s own code, and what was acknowledged is there', async () => {
    await writeFile(join(node.folder, 'data', 'ballast'), Buffer.alloc(16 * 1024 * 1024))
    const { used } = (await profileNow()).budgets.disk
    const diskBytes = Math.max(used, 17 * 1024 * 1024) + 3 * 1024 * 1024
    await setBudgets({ diskBytes })
    await until('the ballast is seen', async () => (await profileNow()).budgets.disk.used > 16 * 1024 * 1024)
    const acknowledged: string[] = []
    let refused: { status: number; message: string } | undefined
    for (let at = 10; at < 40 && !refused; at++) {
      const payload = large(at)
      const answer = await publish(node, payload)
      if (answer.status === 200) acknowledged.push(payload.toString())
      else refused = answer
    }
    expect(refused).toMatchObject({ status: 503 })
    expect(refused?.message).toContain('DISK_FULL')
    const { disk } = (await profileNow()).budgets
    expect(disk.used).toBeLessThanOrEqual(diskBytes)
    expect(disk.refused).toBeGreaterThan(0)
    const here = await kept(node)
    for (const text of acknowledged) expect(here.has(text)).toBe(true)
    await setBudgets({})
    await until('there is room again', async () => (await publish(node, 'after')).status === 200)
  })
})
