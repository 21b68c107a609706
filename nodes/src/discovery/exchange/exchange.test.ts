import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import { decode, decodeEnr, encodeEnr, PeerExchangeRpc, PROTOCOLS, shardsPair } from '@teahouse/protocol/wire'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { host, type Net, type Service } from '../../net/index.ts'
import { ask, CLUSTER_ID, SILENT, testHost, until } from '../../net/test-hosts.ts'
import { openOwnRecord } from '../own-record.ts'
import { addressPairs, peerIdOf } from '../record-addresses.ts'
import { readRecord, recordPool, type RecordPool } from './records.ts'
import { peerExchange } from './server.ts'

const LISTEN = ['/ip4/127.0.0.1/tcp/0']
const network = { clusterId: CLUSTER_ID, shards: [0, 1] }

let node: Net
let client: Net
let other: Net
let otherKey: Uint8Array
let pool: RecordPool
let service: Service

beforeAll(async () => {
  const { raw: privateKey } = await generateKeyPair('secp256k1')
  otherKey = (await generateKeyPair('secp256k1')).raw
  node = await host({ listen: LISTEN })({ privateKey, topics: [] })
  other = await host({ listen: LISTEN })({ privateKey: otherKey, topics: [] })
  client = await testHost([])
  await Promise.all([node.start(), other.start(), client.start()])
  const path = join(await mkdtemp(join(tmpdir(), 'teahouse-exchange-')), 'enr.txt')
  const own = await openOwnRecord({ path, privateKey, network, capabilities: () => 1, now: Date.now })
  pool = recordPool(node)
  service = peerExchange({ burst: 1_000 })({ net: node, own, pool, log: SILENT })
  await service.start()
})
afterAll(async () => {
  await service.stop()
  await Promise.all([node.stop(), other.stop(), client.stop()])
})
beforeEach(async () => {
  await node.dial(other.getMultiaddrs())
})

const exchange = async (request: Parameters<typeof PeerExchangeRpc.encode>[0], from = client) =>
  decode(PeerExchangeRpc, await ask(from, node, PROTOCOLS.peerExchange, PeerExchangeRpc.encode(request)))
const tellers = ({ response }: PeerExchangeRpc) =>
  response!.peerInfos.map(({ enr }) => peerIdOf(decodeEnr(enr)).toString())

function recordOfOther(seq: bigint, addresses = other.getMultiaddrs(), clusterId = CLUSTER_ID): Uint8Array {
  const pairs = new Map([...addressPairs(addresses, 8), shardsPair({ clusterId, shards: [0] })])
  return encodeEnr({ seq, pairs }, otherKey)
}
const add = (bytes: Uint8Array) => pool.add(readRecord(bytes, CLUSTER_ID)!)

describe('peer exchange', () => {
  it('tells its own record, and those of nodes that it is connected with', async () => {
    add(recordOfOther(1n))
    const answer = await exchange({ query: { numPeers: 10n } })
    expect(answer.response?.statusCode).toBe(200)
    expect(tellers(answer)).toEqual([node.peerId.toString(), other.peerId.toString()])
    expect(answer.query).toEqual({ numPeers: 10n })
  })

  it.each([
    { given: 0n, count: 0 },
    { given: 1n, count: 1 },
    { given: 2n ** 64n - 1n, count: 2 },
    { given: undefined, count: 2 },
  ])('tells $count records to a peer that asks for $given', async ({ given, count }) => {
    add(recordOfOther(1n))
    expect(tellers(await exchange({ query: { numPeers: given } }))).toHaveLength(count)
  })

  it('tells the newest record, and nobody about himself', async () => {
    add(recordOfOther(5n))
    add(recordOfOther(4n))
    const { response } = await exchange({ query: {} })
    expect(decodeEnr(response!.peerInfos[1]!.enr).seq).toBe(5n)
    expect(tellers(await exchange({ query: {} }, other))).toEqual([node.peerId.toString()])
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'no query', bytes: PeerExchangeRpc.encode({}) },
    { given: 'bytes that are no request', bytes: new Uint8Array(10).fill(0xff) },
    { given: 'a request that is too large', bytes: new Uint8Array(2_000) },
  ])('$given, answers 400', async ({ bytes }) => {
    const answer = decode(PeerExchangeRpc, await ask(client, node, PROTOCOLS.peerExchange, bytes))
    expect(answer.response).toMatchObject({ statusCode: 400, peerInfos: [] })
  })

  it('whatever the bytes, with an answer of the protocol', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (bytes) => {
        const { response } = decode(PeerExchangeRpc, await ask(client, node, PROTOCOLS.peerExchange, bytes))
        expect([200, 400]).toContain(response?.statusCode)
      }),
      { numRuns: 50 },
    )
  })

  it('a peer that asks too often, answers 429', async () => {
    await service.stop()
    const own = { current: () => Promise.resolve(new Uint8Array(1)) }
    const strict = peerExchange({ burst: 2 })({ net: node, own, pool, log: SILENT })
    await strict.start()
    const statuses = []
    for (let at = 0; at < 3; at++) statuses.push((await exchange({ query: {} })).response?.statusCode)
    await strict.stop()
    await service.start()
    expect(statuses).toEqual([200, 200, 429])
  })
})

describe('what it must not tell', () => {
  it('a record that names another host than the one its node is connected from', async () => {
    add(recordOfOther(10n, [multiaddr('/ip4/8.8.8.8/tcp/80')]))
    expect(tellers(await exchange({ query: {} }))).toEqual([node.peerId.toString()])
    add(recordOfOther(11n))
    expect(tellers(await exchange({ query: {} }))).toHaveLength(2)
  })

  it('a record of a node that went away', async () => {
    add(recordOfOther(12n))
    await node.hangUp(other.peerId)
    await until(() => !pool.has(other.peerId.toString()))
    expect(tellers(await exchange({ query: {} }))).toEqual([node.peerId.toString()])
    add(recordOfOther(13n))
    expect(pool.has(other.peerId.toString())).toBe(false)
  })

  it('a record of another cluster, or one that is not signed', () => {
    expect(readRecord(recordOfOther(1n, [], 1), CLUSTER_ID)).toBeUndefined()
    expect(readRecord(recordOfOther(1n).fill(0, 10, 11), CLUSTER_ID)).toBeUndefined()
    expect(readRecord(encodeEnr({ seq: 1n, pairs: new Map() }, otherKey), CLUSTER_ID)).toBeUndefined()
  })
})
