import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Known } from './candidates.ts'
import { choose, type ConnectedPeer } from './choose.ts'
import type { SourceName } from './config.ts'

const LIMITS = { maxPeers: 50, targetPeers: 8, minPeers: 3, maxPeersPerNetwork: 2 }

let peerId: PeerId
beforeAll(async () => {
  peerId = peerIdFromPrivateKey(await generateKeyPair('secp256k1'))
})

/** `count` candidates, each in a network of its own unless one is given. */
function told(source: SourceName, count: number, network?: string): Known[] {
  const first = { registry: 1, bootstrap: 2, known: 3, exchange: 4, rendezvous: 5, kademlia: 6 }[source]
  return Array.from({ length: count }, (_, at) => ({
    peerId,
    addresses: [multiaddr(`/ip4/${network ?? `5${first}.0.${at}`}.${at % 250}/tcp/1`)],
    sources: [source],
    failures: 0,
    notBefore: 0,
  }))
}

const connected = (count: number, source: SourceName = 'registry'): ConnectedPeer[] =>
  Array.from({ length: count }, (_, at) => ({ sources: [source], network: `99.0.${at}` }))
const bySource = (chosen: readonly Known[], source: SourceName) =>
  chosen.filter(({ sources }) => sources[0] === source).length

describe('choose', () => {
  it('takes registered nodes up to maxPeers, whatever the other limits', () => {
    expect(choose(told('registry', 60, '8.8.8'), [], LIMITS)).toHaveLength(50)
    expect(choose(told('registry', 60), connected(45), LIMITS)).toHaveLength(5)
  })

  it('takes the bootstrap list only while there are too few', () => {
    expect(choose(told('bootstrap', 2), connected(2), LIMITS)).toHaveLength(2)
    expect(choose(told('bootstrap', 2), connected(3), LIMITS)).toEqual([])
  })

  it('takes others up to targetPeers', () => {
    const many = [...told('exchange', 50), ...told('kademlia', 50), ...told('known', 50)]
    expect(choose(many, [], LIMITS)).toHaveLength(8)
    expect(choose(many, connected(6), LIMITS)).toHaveLength(2)
    expect(choose(many, connected(20), LIMITS)).toEqual([])
  })
})

describe('what it must not do', () => {
  it('let the source that tells of most decide: one takes no more than half', () => {
    const chosen = choose([...told('exchange', 200), ...told('kademlia', 3)], [], LIMITS)
    expect(bySource(chosen, 'exchange')).toBe(4)
    expect(bySource(chosen, 'kademlia')).toBe(3)
  })

  it('count only what is chosen now: who is connected has a share too', () => {
    expect(bySource(choose(told('exchange', 50), connected(4, 'exchange'), LIMITS), 'exchange')).toBe(0)
  })

  it('dial many of one network', () => {
    const chosen = choose([...told('exchange', 50, '7.7.7'), ...told('rendezvous', 50, '7.7.7')], [], LIMITS)
    expect(chosen).toHaveLength(2)
  })
})
