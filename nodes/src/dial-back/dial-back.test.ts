import { multiaddr } from '@multiformats/multiaddr'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decode, DialBackRequest, DialBackResponse, PROTOCOLS } from '@teahouse/protocol/wire'
import { startHost, type Net, type Service } from '../net/index.ts'
import { ask, SILENT, testHost } from '../net/test-hosts.ts'
import { askDialBack } from './ask.ts'
import { dialBack, ownAddress } from './service.ts'

let node: Net
let other: Net
let third: Net
let service: Service

beforeAll(async () => {
  ;[node, other, third] = await Promise.all([testHost(), testHost(), testHost()])
  for (const net of [node, other, third]) await startHost(net)
  service = dialBack({ burst: 5, dialTimeoutMs: 1_000 })({ net: other, log: SILENT })
  await service.start()
  await node.dial(other.getMultiaddrs())
})
afterAll(async () => {
  await service?.stop()
  await Promise.all([node, other, third].map(async (net) => net?.stop()))
})

const results = async (multiaddrs: string[]) => {
  const bytes = await ask(node, other, PROTOCOLS.dialBack, DialBackRequest.encode({ multiaddrs }))
  return decode(DialBackResponse, bytes)
}
const own = () => node.getMultiaddrs()[0]!.toString().split('/p2p/')[0]!

describe('dialling back', () => {
  it('tells a node that it is reached, by a new connection that does not stay', async () => {
    let opened = 0
    const count = () => void opened++
    node.addEventListener('connection:open', count)
    const answers = await askDialBack(node, { isOperator: () => false })
    node.removeEventListener('connection:open', count)
    expect(answers).toEqual([
      { peerId: other.peerId.toString(), addresses: [{ multiaddr: own(), result: 'reached' }] },
    ])
    expect(opened).toBe(1)
    await expect.poll(() => node.getConnections(other.peerId).length).toBe(1)
  })

  it('tells of each address apart: another peer answers there, nobody does, it is not the asker’s', async () => {
    const elsewhere = third.getMultiaddrs()[0]!.toString().split('/p2p/')[0]!
    expect(await results([own(), elsewhere, '/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.2/tcp/1'])).toMatchObject({
      statusCode: 200,
      results: [1, 2, 2, 3],
    })
  })

  it('says nothing of peers that do not speak it', async () => {
    await third.dial(node.getMultiaddrs())
    const answers = await askDialBack(node, { isOperator: (peerId) => peerId === third.peerId.toString() })
    expect(answers.map(({ peerId }) => peerId)).toEqual([other.peerId.toString()])
  })
})

describe('when it must refuse', () => {
  it('more addresses than it takes, and bytes that are no request: 400', async () => {
    expect(await results(Array.from({ length: 9 }, own))).toMatchObject({ statusCode: 400, results: [] })
    const bytes = await ask(node, other, PROTOCOLS.dialBack, Uint8Array.of(0xff))
    expect(decode(DialBackResponse, bytes)).toMatchObject({ statusCode: 400 })
  })

  it('asking again and again: 429', async () => {
    let last = 200
    for (let asked = 0; last === 200 && asked < 6; asked++) last = (await results([own()])).statusCode
    expect(last).toBe(429)
  })

  const asker = multiaddr('/ip4/192.0.2.7/tcp/1234')
  it.each([
    { given: 'another host', text: '/ip4/192.0.2.8/tcp/1' },
    { given: 'a name, which may lead anywhere', text: '/dns4/example.org/tcp/1' },
    {
      given: 'an address behind a relay',
      text: `/ip4/192.0.2.7/tcp/1/p2p/16Uiu2HAmSDAp4VrbKQPStDLg7rc38JJR3zE5mJcFieAGJLBrCFCy/p2p-circuit`,
    },
    { given: 'the same number in IPv6', text: '/ip6/::ffff:192.0.2.7/tcp/1' },
    { given: 'no multiaddr', text: 'http://192.0.2.7' },
    { given: 'nothing', text: '' },
  ])('$given is not dialled', ({ text }) => {
    expect(ownAddress(text, asker)).toBeUndefined()
  })

  it('whatever text is sent, only the asker’s own host is dialled', () => {
    expect(ownAddress('/ip4/192.0.2.7/tcp/9/ws', asker)?.toString()).toBe('/ip4/192.0.2.7/tcp/9/ws')
    const host = fc.constantFrom(
      '/ip4/192.0.2.7',
      '/ip4/192.0.2.70',
      '/ip6/::1',
      '/dns/a',
      '/ip4/0.0.0.0',
      '',
    )
    const rest = fc.array(fc.constantFrom('/tcp/1', '/ws', '/p2p-circuit', '/ip4/1.2.3.4', '/udp/5', '/x'), {
      maxLength: 4,
    })
    fc.assert(
      fc.property(host, rest, (first, parts) => {
        const found = ownAddress(`${first}${parts.join('')}`, asker)
        if (found) expect(found.toString()).toMatch(/^\/ip4\/192\.0\.2\.7(\/|$)/)
      }),
    )
    fc.assert(fc.property(fc.string(), (text) => void ownAddress(text, asker)))
  })
})
