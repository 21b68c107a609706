import { randomBytes, verify, createPublicKey } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  decodeWakeAnswer,
  decodeWakeRequest,
  encodeWakeRequest,
  WakeWireError,
} from '@teahouse/protocol/wake'
import { PROTOCOLS } from '@teahouse/protocol/wire'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Net, Service } from '../net/index.ts'
import { ask, SILENT, testHost } from '../net/test-hosts.ts'
import { openDatabase } from '../storage/index.ts'
import {
  signals,
  vapid,
  wake,
  WAKE_MIGRATIONS,
  wakeBook,
  WakeConfig,
  wakeDesk,
  type WakeDesk,
} from './index.ts'
import { isPublic } from './public-address.ts'
import { isCallable } from './signal.ts'

const KEY = new Uint8Array(randomBytes(32))
const TOPIC = '/a1/6/m/bin'
const CONFIG = WakeConfig.parse({ allowPrivate: true, delayMs: 0, everyMs: 300, requestsAtOnce: 100 })
const signer = vapid(KEY, 'mailto:tea@example.org', Date.now)
const inADay = () => Math.floor(Date.now() / 1_000) + 86_400

let folder: string
let service: Server
let status = 201
let got: { request: IncomingMessage; body: string }[] = []
let endpoint: string
let db: ReturnType<typeof openDatabase>
let desk: WakeDesk

/** A push service on loopback. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'teahouse-wake-'))
  service = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      got.push({ request, body })
      response.writeHead(status, { Location: '/elsewhere' }).end()
    })
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  endpoint = `http://127.0.0.1:${(service.address() as AddressInfo).port}/push/secret`
})
afterAll(async () => {
  await new Promise((resolve) => service.close(resolve))
  rmSync(folder, { recursive: true })
})

function open(over: Partial<WakeConfig> = {}): WakeDesk {
  const config = { ...CONFIG, ...over }
  return wakeDesk(config, { book: wakeBook(db, KEY), signal: signals(config, signer), now: Date.now })
}
beforeEach(() => {
  status = 201
  got = []
  db = openDatabase(join(folder, `${randomBytes(8).toString('hex')}.sqlite`), WAKE_MIGRATIONS)
  desk = open()
})
afterEach(() => {
  desk.stop()
  db.close()
})

async function signalled(count: number): Promise<void> {
  for (let tries = 0; tries < 200 && got.length < count; tries++)
    await new Promise((done) => setTimeout(done, 10))
  expect(got).toHaveLength(count)
}
const wanted = (over = {}) => ({ endpoint, topics: [TOPIC], until: inADay(), ...over })

describe('a device that sleeps', () => {
  it('is woken by signals that say nothing, and are all the same', async () => {
    await desk.subscribe(wanted(), 'here')
    desk.push(TOPIC)
    await signalled(2) // the first one was to try the endpoint
    const shapes = got.map(({ request, body }) => {
      const { authorization, ...headers } = request.headers
      return JSON.stringify([request.method, request.url, headers, body, authorization?.split(' ')[0]])
    })
    expect(new Set(shapes).size).toBe(1)
    expect(got[0]!.body).toBe('')
    expect(JSON.stringify(got[1]!.request.headers)).not.toContain('a1/6')
  })

  it('can tell by its push service which node woke it', async () => {
    await desk.subscribe(wanted(), 'here')
    const [, token = '', key = ''] = /^vapid t=(.+), k=(.+)$/.exec(got[0]!.request.headers.authorization!)!
    expect(Buffer.from(key, 'base64url')).toEqual(Buffer.from(signer.publicKey))
    const [header = '', claims = '', signature = ''] = token.split('.')
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      aud: new URL(endpoint).origin,
      sub: 'mailto:tea@example.org',
    })
    const point = Buffer.from(signer.publicKey)
    const jwk = { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url') }
    const publicKey = createPublicKey({
      key: { ...jwk, y: point.subarray(33).toString('base64url') },
      format: 'jwk',
    })
    const check = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
    expect(
      verify('sha256', Buffer.from(`${header}.${claims}`), check, Buffer.from(signature, 'base64url')),
    ).toBe(true)
    expect(vapid(KEY, undefined, Date.now).publicKey).toEqual(signer.publicKey)
  })

  it('is woken once for many messages, and again later; by no other topic', async () => {
    await desk.subscribe(wanted(), 'here')
    for (let i = 0; i < 50; i++) desk.push(TOPIC)
    desk.push('/a2/6/m/bin')
    await signalled(2)
    for (let i = 0; i < 50; i++) desk.push(TOPIC)
    await new Promise((done) => setTimeout(done, 100))
    expect(got).toHaveLength(2)
    await signalled(3)
  })

  it('is woken after a restart of the node, until it says that it is not to be', async () => {
    await desk.subscribe(wanted(), 'here')
    desk.stop()
    desk = open()
    desk.push(TOPIC)
    await signalled(2)
    expect(await desk.subscribe(wanted({ topics: [] }), 'here')).toBe(0)
    desk.push(TOPIC)
    await new Promise((done) => setTimeout(done, 50))
    expect(got).toHaveLength(2)
    expect(wakeBook(db, KEY).count()).toBe(0)
  })

  it('is forgotten when its push service knows it no more', async () => {
    await desk.subscribe(wanted(), 'here')
    status = 410
    desk.push(TOPIC)
    await signalled(2)
    for (let tries = 0; tries < 100 && desk.counts().endpoints > 0; tries++)
      await new Promise((done) => setTimeout(done, 10))
    expect([desk.counts().endpoints, wakeBook(db, KEY).count()]).toEqual([0, 0])
  })
})

describe('what must not happen', () => {
  it.each([
    'http://push.example.org/a',
    'https://127.0.0.1/a',
    'https://[::1]/a',
    'https://[::ffff:10.0.0.1]/a',
    'https://[64:ff9b::a00:1]/a',
    'https://10.1.2.3/a',
    'https://169.254.169.254/latest/meta-data',
    'https://2130706433/a',
    'https://0x7f.1/a',
    'https://user:word@push.example.org/a',
    'ftp://push.example.org/a',
  ])('a node calls %s', async (bad) => {
    expect(isCallable(bad, { allowPrivate: false })).toBe(false)
    desk.stop()
    desk = open({ allowPrivate: false })
    await expect(desk.subscribe(wanted({ endpoint: bad }), 'here')).rejects.toMatchObject({
      detail: { status: 403 },
    })
    expect(got).toEqual([])
  })

  it('a name leads to a private address', async () => {
    const send = signals({ ...CONFIG, allowPrivate: false }, signer)
    const { port } = new URL(endpoint)
    expect(await send(`https://localhost:${port}/a`)).toBe('failed')
    expect(got).toEqual([])
  })

  it.each([
    ['8.8.8.8', true],
    ['2606:4700::1111', true],
    ['192.168.1.1', false],
    ['100.64.0.1', false],
    ['fe80::1', false],
    ['fd00::1', false],
    ['::ffff:8.8.8.8', false],
    ['2002:7f00:1::', false],
    ['nonsense', false],
  ])('%s counts as of the Internet only if it is: %s', (address, is) => expect(isPublic(address)).toBe(is))

  it('a redirect is followed, or an endpoint kept that takes no signal', async () => {
    status = 307
    await expect(desk.subscribe(wanted(), 'here')).rejects.toMatchObject({ detail: { status: 403 } })
    expect(got).toHaveLength(1)
    expect(desk.counts().endpoints).toBe(0)
  })

  it('endpoint or topic can be read on disk, or under another key', async () => {
    await desk.subscribe(wanted(), 'here')
    const path = (db.prepare('PRAGMA database_list').get() as { file: string }).file
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    const bytes = readFileSync(path)
    for (const text of ['secret', '127.0.0.1', 'a1/6']) expect(bytes.includes(text)).toBe(false)
    expect(wakeBook(db, new Uint8Array(32)).all()).toEqual([])
  })

  it('more endpoints than there is room for, or more requests of one address than it may make', async () => {
    desk.stop()
    desk = open({ maxEndpoints: 2, requestsAtOnce: 4, requestsPerSecond: 0.001 })
    await desk.subscribe(wanted({ endpoint: `${endpoint}/1` }), 'here')
    await desk.subscribe(wanted({ endpoint: `${endpoint}/2` }), 'here')
    const third = wanted({ endpoint: `${endpoint}/3` })
    await expect(desk.subscribe(third, 'here')).rejects.toMatchObject({ detail: { status: 503 } })
    expect(await desk.subscribe(wanted({ endpoint: `${endpoint}/2` }), 'here')).toBeGreaterThan(0)
    await expect(desk.subscribe(third, 'here')).rejects.toMatchObject({ detail: { status: 429 } })
    await expect(desk.subscribe(third, 'there')).rejects.toMatchObject({ detail: { status: 503 } })
  })

  it('a term without an end', async () => {
    expect(await desk.subscribe(wanted({ until: 2 ** 39 }), 'here')).toBeLessThanOrEqual(
      inADay() + 6 * 86_400,
    )
    await expect(
      desk.subscribe(wanted({ endpoint: `${endpoint}/2`, until: 5 }), 'here'),
    ).rejects.toMatchObject({
      detail: { status: 400 },
    })
  })

  it('any bytes are a request, or an error of another kind', () => {
    const good = encodeWakeRequest(wanted(), 'a')
    const broken = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, to]) => {
      return Uint8Array.from(good, (byte, i) => (i === at ? to : byte))
    })
    fc.assert(
      fc.property(fc.oneof(broken, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        for (const decode of [decodeWakeRequest, decodeWakeAnswer]) {
          try {
            decode(bytes)
          } catch (error) {
            expect(error instanceof WakeWireError || (error as Error).name === 'WireError').toBe(true)
          }
        }
      }),
    )
  })
})

describe('over the wire', () => {
  let [server, client]: Net[] = []
  let running: Service
  beforeAll(async () => {
    ;[server, client] = [await testHost(), await testHost([])]
    await Promise.all([server.start(), client.start()])
  })
  afterAll(async () => {
    await Promise.all([server!.stop(), client!.stop()])
  })

  it('a client gets the key, subscribes, and is told why not', async () => {
    running = wake(CONFIG, { net: server!, desk, vapidKey: signer.publicKey, log: SILENT })
    await running.start()
    try {
      const request = async (bytes: Uint8Array) =>
        decodeWakeAnswer(await ask(client!, server!, PROTOCOLS.wake, bytes))
      expect(await request(encodeWakeRequest())).toMatchObject({
        status: 200,
        until: 0,
        vapidKey: signer.publicKey,
      })
      const answer = await request(encodeWakeRequest(wanted()))
      expect(answer.status).toBe(200)
      expect(answer.until).toBeGreaterThan(Date.now() / 1_000)
      expect(await request(encodeWakeRequest(wanted({ topics: ['tea'] })))).toMatchObject({ status: 400 })
      expect(await request(encodeWakeRequest(wanted({ endpoint: 'no url' })))).toMatchObject({ status: 400 })
    } finally {
      await running.stop()
    }
  })
})
