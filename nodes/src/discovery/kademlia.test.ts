import { generateKeyPair, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { KadDHT } from '@libp2p/kad-dht'
import { PROTOCOLS } from '@teahouse/protocol/wire'
import { afterEach, describe, expect, it } from 'vitest'
import { host, type Net } from '../net/index.ts'
import { until } from '../net/test-hosts.ts'
import { kademlia } from './kademlia.ts'

const hosts: Net[] = []
afterEach(async () => {
  for (const net of hosts.splice(0)) await net.stop()
})

async function start(privateAddresses = true) {
  const table = kademlia({ askMs: 1_000, privateAddresses })
  let dht: KadDHT | undefined
  const { raw: privateKey } = await generateKeyPair('secp256k1')
  const service: typeof table.service = (components) => (dht = table.service(components))
  const net = await host({ listen: ['/ip4/127.0.0.1/tcp/0'] })({
    privateKey,
    topics: [],
    services: { kademlia: service },
  })
  hosts.push(net)
  await net.start()
  return { net, dht: dht!, find: () => table.source.find(AbortSignal.timeout(5_000)) }
}

describe('the table', () => {
  it('tells of a node that another one knows, with its addresses', async () => {
    const [hub, other, node] = [await start(), await start(), await start()]
    await other.net.dial(hub.net.getMultiaddrs())
    await node.net.dial(hub.net.getMultiaddrs())
    const found = new Map<string, string[]>()
    const id = other.net.peerId.toString()
    for (let tries = 0; tries < 20 && !found.has(id); tries++)
      for (const { peerId, addresses } of await node.find())
        found.set(peerId.toString(), addresses.map(String))
    expect(found.get(id)).toEqual(other.net.getMultiaddrs().map(String))
  })
})

describe('what it must not do', () => {
  it('keep what somebody stores', async () => {
    const [node, stranger] = [await start(), await start()]
    await stranger.net.dial(node.net.getMultiaddrs())
    // The one kind of record that the library takes: somebody's public key.
    const { publicKey } = await generateKeyPair('secp256k1')
    const value = publicKeyToProtobuf(publicKey)
    const key = new Uint8Array(Buffer.concat([Buffer.from('/pk/'), publicKey.toMultihash().bytes]))
    const namesOf = async (events: AsyncIterable<{ name: string }>) => {
      const names: string[] = []
      for await (const { name } of events) names.push(name)
      return names
    }
    const signal = AbortSignal.timeout(5_000)
    expect(await namesOf(stranger.dht.put(key, value, { signal }))).toContain('PEER_RESPONSE')
    expect(await namesOf(node.dht.get(key, { signal }))).not.toContain('VALUE')
  })

  it('answer on a public network without a public address', async () => {
    const [node, other] = [await start(false), await start()]
    await other.net.dial(node.net.getMultiaddrs())
    await until(() => node.net.getConnections().length > 0)
    expect(node.dht.getMode()).toBe('client')
    expect(node.net.getProtocols()).not.toContain(PROTOCOLS.kademlia)
    expect(other.net.getProtocols()).toContain(PROTOCOLS.kademlia)
  })
})
