import { generateKeyPair } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import { decode, PROTOCOLS, RendezvousMessage, WireError } from '@teahouse/protocol/wire'
import fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, afterAll, describe, expect, it } from 'vitest'
import { host, type Net, type Service } from '../../net/index.ts'
import { ask, SILENT, testHost } from '../../net/test-hosts.ts'
import { STATUS, TYPE } from './messages.ts'
import { readPeerRecord, signPeerRecord } from './peer-record.ts'
import { rendezvousPoint } from './point.ts'

const NS = 'rs/1984/0'
const NAMESPACES = new Set([NS, 'rs/1984/1'])
const ADDRESS = multiaddr('/ip4/127.0.0.1/tcp/4001')

let node: Net
let peer: Net
let key: Uint8Array
let record: Uint8Array
let point: Service
let now: number

beforeAll(async () => {
  key = (await generateKeyPair('secp256k1')).raw
  node = await testHost()
  peer = await host({ listen: [] })({ privateKey: key, topics: [] })
  await Promise.all([node.start(), peer.start()])
  record = await signPeerRecord(key, [ADDRESS], 1n)
})
afterAll(() => Promise.all([node.stop(), peer.stop()]))
beforeEach(() => serve({ burst: 1_000 }))
afterEach(() => point.stop())

async function serve(config: Parameters<typeof rendezvousPoint>[0]): Promise<void> {
  now = 1_000_000
  point = rendezvousPoint(config)({ net: node, namespaces: NAMESPACES, log: SILENT, now: () => now })
  await point.start()
}

async function send(message: Parameters<typeof RendezvousMessage.encode>[0]): Promise<RendezvousMessage> {
  return decode(
    RendezvousMessage,
    await ask(peer, node, PROTOCOLS.rendezvous, RendezvousMessage.encode(message)),
  )
}
const register = async (over: Partial<NonNullable<RendezvousMessage['register']>> = {}) =>
  (await send({ type: TYPE.register, register: { ns: NS, signedPeerRecord: record, ...over } }))
    .registerResponse
const discover = async (over: NonNullable<RendezvousMessage['discover']> = { ns: NS }) =>
  (await send({ type: TYPE.discover, discover: over })).discoverResponse

describe('a rendezvous point', () => {
  it('tells who registered under a namespace, for as long as that lasts', async () => {
    expect(await register({ ttl: 60n })).toEqual({ status: STATUS.ok, ttl: 60n })
    now += 10_000
    const told = await discover()
    expect(told).toMatchObject({ status: STATUS.ok, registrations: [{ ns: NS, ttl: 50n }] })
    const read = await readPeerRecord(told!.registrations[0]!.signedPeerRecord!)
    expect(read?.peerId.toString()).toBe(peer.peerId.toString())
    expect(read?.addresses.map(String)).toEqual([`${ADDRESS.toString()}/p2p/${peer.peerId.toString()}`])
    expect((await discover({ ns: 'rs/1984/1' }))?.registrations).toEqual([])
    now += 50_000
    expect((await discover())?.registrations).toEqual([])
  })

  it('gives a registration without a time two hours', async () => {
    expect(await register()).toEqual({ status: STATUS.ok, ttl: 7_200n })
  })

  it('goes on where its cookie says', async () => {
    await register()
    const first = await discover()
    expect((await discover({ ns: NS, cookie: first!.cookie }))?.registrations).toEqual([])
    await register()
    expect((await discover({ ns: NS, cookie: first!.cookie }))?.registrations).toHaveLength(1)
    expect((await discover({}))?.registrations).toHaveLength(1)
  })

  it('forgets a peer that unregisters, and answers nothing', async () => {
    await register()
    await expect(send({ type: TYPE.unregister, unregister: { ns: NS } })).rejects.toMatchObject({
      code: 'CLOSED',
    })
    expect((await discover())?.registrations).toEqual([])
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'no namespace', over: { ns: undefined }, status: STATUS.invalidNamespace },
    { given: 'a namespace of another network', over: { ns: 'rs/1/0' }, status: STATUS.invalidNamespace },
    { given: 'too short a time', over: { ttl: 1n }, status: STATUS.invalidTtl },
    { given: 'too long a time', over: { ttl: 2n ** 64n - 1n }, status: STATUS.invalidTtl },
    {
      given: 'no record',
      over: { signedPeerRecord: undefined },
      status: STATUS.invalidSignedPeerRecord,
    },
    {
      given: 'bytes that are no record',
      over: { signedPeerRecord: new Uint8Array(50).fill(1) },
      status: STATUS.invalidSignedPeerRecord,
    },
  ])('to register with $given, answers $status', async ({ over, status }) => {
    expect(await register(over)).toMatchObject({ status })
    expect((await discover())?.registrations).toEqual([])
  })

  it('a record that another key signed, one of another peer, and one without addresses', async () => {
    const { raw: otherKey } = await generateKeyPair('secp256k1')
    const spoiled = record.slice()
    spoiled[spoiled.length - 1]! ^= 1
    const given = [spoiled, await signPeerRecord(otherKey, [ADDRESS], 1n), await signPeerRecord(key, [], 1n)]
    const statuses = []
    for (const signedPeerRecord of given) statuses.push((await register({ signedPeerRecord }))?.status)
    expect(statuses).toEqual([
      STATUS.invalidSignedPeerRecord,
      STATUS.notAuthorized,
      STATUS.invalidSignedPeerRecord,
    ])
  })

  it('a cookie of another namespace, or of nobody', async () => {
    const { cookie } = (await discover())!
    expect(await discover({ ns: 'rs/1984/1', cookie })).toMatchObject({ status: STATUS.invalidCookie })
    for (const bytes of [new Uint8Array(3), new Uint8Array(16), new Uint8Array(25)])
      expect(await discover({ ns: NS, cookie: bytes })).toMatchObject({ status: STATUS.invalidCookie })
    expect(await discover({ ns: 'rs/1/0' })).toMatchObject({ status: STATUS.invalidNamespace })
  })

  it('who asks too often, and more than it has room for', async () => {
    await point.stop()
    await serve({ burst: 3, perSecond: 0.001, maxRegistrations: 1 })
    expect(await register()).toMatchObject({ status: STATUS.ok })
    expect(await register({ ns: 'rs/1984/1' })).toMatchObject({ status: STATUS.unavailable })
    expect(await discover()).toMatchObject({ status: STATUS.ok })
    expect(await discover()).toMatchObject({ status: STATUS.unavailable, registrations: [] })
  })

  it('whatever the bytes, by an answer of the protocol or by none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (bytes) => {
        try {
          const { type } = decode(RendezvousMessage, await ask(peer, node, PROTOCOLS.rendezvous, bytes))
          expect([TYPE.registerResponse, TYPE.discoverResponse]).toContain(type)
        } catch (error) {
          expect(error).toBeInstanceOf(WireError)
        }
      }),
      { numRuns: 50 },
    )
    expect(await register()).toMatchObject({ status: STATUS.ok })
  })

  it('any bytes as a record, without an error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(await readPeerRecord(bytes)).toBeUndefined()
      }),
      { numRuns: 200 },
    )
  })
})
