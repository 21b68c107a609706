import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { arePrivate, isPublic, networkOf, readAddresses, readPeerAddress } from './addresses.ts'

const PEER = '16Uiu2HAmPLe7Mzm8TsYUubgCAW1aJoeFScxrLj8ppHFivPo97bUZ'
const OTHER = '16Uiu2HAm4v86W3bmT1BiH6oSPzcsSr24iDQpSN5Qa992BCjjwgrD'
const { peerId } = readPeerAddress(`/ip4/1.2.3.4/tcp/1/p2p/${PEER}`)!

describe('addresses from outside', () => {
  it('end in the peer that they are told of', () => {
    const texts = ['/ip4/1.2.3.4/tcp/1', `/dns4/a.example/tcp/443/wss/p2p/${PEER}`]
    expect(readAddresses(texts, peerId).map(String)).toEqual([`/ip4/1.2.3.4/tcp/1/p2p/${PEER}`, texts[1]])
  })

  it.each(['', 'x', '/ip4/1.2.3/tcp/1', `/ip4/1.2.3.4/tcp/1/p2p/${OTHER}`, '/ip4/1.2.3.4/tcp/99999'])(
    'are left out if they are %j',
    (text) => expect(readAddresses([text], peerId)).toEqual([]),
  )
})

describe('the network of an address', () => {
  it.each([
    ['/ip4/1.2.3.4/tcp/1', '1.2.3'],
    ['/ip6/2a00:1450:4001:82a::200e/tcp/1', '2a00:1450:4001'],
    ['/ip6/2a00::1/tcp/1', '2a00:0:0'],
    ['/dns4/a.example/tcp/1', 'a.example'],
    ['/ip4/127.0.0.1/tcp/1', undefined],
    ['/ip4/10.1.2.3/tcp/1', undefined],
    ['/ip6/::1/tcp/1', undefined],
  ])('of %s is %s', (text, network) => {
    expect(networkOf(multiaddr(text))).toBe(network)
    expect(isPublic(multiaddr(text))).toBe(network !== undefined)
  })
})

describe('arePrivate', () => {
  it.each([
    { texts: ['/ip4/127.0.0.1/tcp/0', '/ip4/192.168.1.2/tcp/1/ws'], expected: true },
    { texts: ['/ip4/0.0.0.0/tcp/0'], expected: false },
    { texts: ['/ip6/::/tcp/0'], expected: false },
    { texts: ['/ip4/127.0.0.1/tcp/0', '/dns4/a.example/tcp/1'], expected: false },
  ])('of $texts is $expected', ({ texts, expected }) => expect(arePrivate(texts)).toBe(expected))
})

describe('readPeerAddress', () => {
  it.each([
    '',
    '/ip4/1.2.3.4/tcp/1',
    '/ip4/1.2.3.4/tcp/1/p2p/x',
    `/p2p/${PEER}/ip4/1.2.3.4`,
    `x/p2p/${PEER}`,
  ])('takes no %j', (text) => expect(readPeerAddress(text)).toBeUndefined())
})
