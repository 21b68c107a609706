import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { decodeEnr, enrFromText, MAX_ENR_BYTES, shardsOf } from '@teahouse/protocol/wire'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { openOwnRecord, type OwnRecord } from './own-record.ts'
import { peerIdOf, recordAddresses } from './record-addresses.ts'

const privateKey = new Uint8Array(32).fill(7)
const PEER = peerIdFromPrivateKey(privateKeyFromRaw(privateKey)).toString()
const network = { clusterId: 1984, shards: [0, 1, 2, 3, 4, 5, 6, 7] }
const TCP = multiaddr(`/ip4/127.0.0.1/tcp/4001/p2p/${PEER}`)
const IP6 = multiaddr('/ip6/2a00::1/tcp/4001')
const WS = multiaddr('/ip4/127.0.0.1/tcp/4002/ws')
const WSS = multiaddr('/dns4/node.example/tcp/443/wss')

let path: string
let now: number
let capabilities: number
const open = (): Promise<OwnRecord> =>
  openOwnRecord({ path, privateKey, network, capabilities: () => capabilities, now: () => now })
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'teahouse-enr-')), 'enr.txt')
  now = 1_000
  capabilities = 0b11111
})

describe("the node's own record", () => {
  it('tells its peer id, addresses, cluster, shards and what it offers', async () => {
    const enr = decodeEnr(await (await open()).current([TCP, WS, IP6, WSS]))
    expect(peerIdOf(enr).toString()).toBe(PEER)
    expect(recordAddresses(enr).map(String)).toEqual([
      TCP.toString(),
      `/ip6/2a00::1/tcp/4001/p2p/${PEER}`,
      `${WS.toString()}/p2p/${PEER}`,
      `${WSS.toString()}/p2p/${PEER}`,
    ])
    expect(shardsOf(enr.pairs)).toEqual(network)
    expect(enr.pairs.get('waku2')).toEqual(Uint8Array.of(0b11111))
  })

  it('has a number that grows with each change, over restarts and with a clock that falls back', async () => {
    const first = await (await open()).current([TCP])
    expect(decodeEnr(first).seq).toBe(1_000n)
    now = 5
    const again = await open()
    expect(await again.current([TCP])).toEqual(first)
    const [second, third] = await Promise.all([again.current([WS]), again.current([TCP])])
    expect([second, third].map((bytes) => decodeEnr(bytes).seq)).toEqual([1_001n, 1_002n])
    expect(enrFromText((await readFile(path, 'utf8')).trim()).seq).toBe(1_002n)
  })

  it('has a number that grows when the node offers something else', async () => {
    const own = await open()
    await own.current([TCP])
    capabilities = 1
    const { seq, pairs } = decodeEnr(await own.current([TCP]))
    expect([seq, pairs.get('waku2')]).toEqual([1_001n, Uint8Array.of(1)])
  })

  it('has a number above the last also when its file was lost', async () => {
    const first = await (await open()).current([TCP])
    await rm(path)
    now = 2_000
    expect(decodeEnr(await (await open()).current([TCP])).seq).toBeGreaterThan(decodeEnr(first).seq)
  })

  it('tells as many addresses as fit', async () => {
    const many = Array.from({ length: 30 }, (_, at) => multiaddr(`/dns4/node-${at}.example/tcp/443/wss`))
    const bytes = await (await open()).current([TCP, ...many])
    expect(bytes.length).toBeLessThanOrEqual(MAX_ENR_BYTES)
    const told = recordAddresses(decodeEnr(bytes)).map(String)
    expect(told[0]).toBe(TCP.toString())
    expect(told.length).toBeGreaterThan(2)
  })
})

describe('when it must refuse', () => {
  it.each(['', 'enr:', 'enr:AAAA'])('a file with %j, and leaves it as it is', async (text) => {
    await writeFile(path, text)
    await expect(open()).rejects.toMatchObject({ detail: { code: 'DATA_CORRUPT', path } })
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  it('addresses of others that are none, without an error', async () => {
    const { publicKey } = decodeEnr(await (await open()).current([]))
    const pair = fc.tuple(
      fc.constantFrom('ip', 'tcp', 'ip6', 'tcp6', 'multiaddrs'),
      fc.uint8Array({ maxLength: 24 }),
    )
    fc.assert(
      fc.property(fc.array(pair), (list) => {
        for (const address of recordAddresses({ seq: 1n, publicKey, pairs: new Map(list) }))
          expect(address.toString()).toContain(`/p2p/${PEER}`)
      }),
      { numRuns: 300 },
    )
  })
})
