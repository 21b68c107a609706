import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { beforeAll, describe, expect, it } from 'vitest'
import { candidateBook } from './candidates.ts'

const LIMITS = { backoffMs: 1_000, maxBackoffMs: 60_000 }
const at = (port: number): Multiaddr => multiaddr(`/ip4/127.0.0.1/tcp/${port}`)
const newPeer = async (): Promise<PeerId> => peerIdFromPrivateKey(await generateKeyPair('secp256k1'))

let peerId: PeerId
beforeAll(async () => {
  peerId = await newPeer()
})

describe('candidateBook', () => {
  it('joins what several sources tell of a peer', () => {
    const book = candidateBook(LIMITS)
    book.add('exchange', [{ peerId, addresses: [at(2)] }])
    book.add('registry', [{ peerId, addresses: [at(1), at(2)] }])
    expect(book.get(peerId.toString())).toMatchObject({ sources: ['exchange', 'registry'] })
    expect(book.get(peerId.toString())?.addresses.map(String)).toEqual([at(1), at(2)].map(String))
  })

  it('waits longer after each dial that fails, up to a bound, and not after one that did not', () => {
    let now = 0
    const book = candidateBook(LIMITS, () => now)
    book.add('known', [{ peerId, addresses: [at(1)] }])
    const waits = Array.from({ length: 10 }, () => {
      book.failed(peerId.toString())
      return book.get(peerId.toString())!.notBefore - now
    })
    for (const [failures, wait] of waits.entries()) {
      const most = Math.min(60_000, 1_000 * 2 ** failures)
      expect(wait).toBeGreaterThanOrEqual(most * 0.75)
      expect(wait).toBeLessThanOrEqual(most)
    }
    expect(book.due()).toEqual([])
    now = 60_000
    expect(book.due()).toHaveLength(1)
    book.failed(peerId.toString())
    book.connected(peerId.toString())
    expect(book.due()).toMatchObject([{ failures: 0 }])
  })
})

describe('what it must not do', () => {
  it('grow without limit: a source loses those that it told of first, and others lose nothing', async () => {
    const book = candidateBook(LIMITS)
    const [first, ...others] = await Promise.all(Array.from({ length: 250 }, newPeer))
    book.add('exchange', [{ peerId, addresses: [at(1)] }])
    book.add(
      'kademlia',
      [first!, ...others].map((other) => ({ peerId: other, addresses: [at(2)] })),
    )
    expect(book.due()).toHaveLength(201)
    expect(book.get(peerId.toString())).toBeDefined()
    expect(book.get(first!.toString())).toBeUndefined()
  })

  it('take a node for registered that the registry no longer has', async () => {
    const book = candidateBook(LIMITS)
    const other = await newPeer()
    book.add('exchange', [{ peerId, addresses: [at(1)] }])
    book.add(
      'registry',
      [peerId, other].map((one) => ({ peerId: one, addresses: [at(1)] })),
    )
    book.add('registry', [])
    expect(book.get(peerId.toString())?.sources).toEqual(['exchange'])
    expect(book.get(other.toString())).toBeUndefined()
  })

  it('dial what Kademlia says where others say something else', () => {
    const book = candidateBook(LIMITS)
    book.add('kademlia', [{ peerId, addresses: [at(9)] }])
    expect(book.get(peerId.toString())?.addresses.map(String)).toEqual([String(at(9))])
    book.add('exchange', [{ peerId, addresses: [at(1)] }])
    expect(book.get(peerId.toString())?.addresses.map(String)).toEqual([String(at(1))])
  })

  it('keep a candidate without an address', () => {
    const book = candidateBook(LIMITS)
    book.add('exchange', [{ peerId, addresses: [] }])
    expect(book.due()).toEqual([])
  })
})
