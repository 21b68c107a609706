import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { afterEach, expect, it } from 'vitest'
import { metadata } from '../metadata/index.ts'
import type { Net } from '../net/index.ts'
import { CLUSTER_ID, SILENT, testHost } from '../net/test-hosts.ts'
import { candidateBook } from './candidates.ts'
import { DiscoveryConfig } from './config.ts'
import { dialler } from './dialler.ts'

const hosts: Net[] = []
afterEach(async () => {
  for (const net of hosts.splice(0)) await net.stop()
})

async function start(): Promise<Net> {
  const net = await testHost()
  hosts.push(net)
  await metadata()({ net, clusterId: CLUSTER_ID, shards: [0], log: SILENT }).start()
  await net.start()
  return net
}

const candidate = (net: Net) => ({ peerId: net.peerId, addresses: net.getMultiaddrs() })

it('gives a source no second share when it tells of so many that the first are forgotten', async () => {
  const [node, first, second] = [await start(), await start(), await start()]
  const config = DiscoveryConfig.parse({ targetPeers: 2 })
  const book = candidateBook(config)
  const cluster = { clusterId: CLUSTER_ID, shards: [0] }
  const seen: string[] = []
  const known = { seen: (peerId: string) => void seen.push(peerId) }
  const { dial } = dialler(config, { net: node, book, known, cluster, log: SILENT })
  const { signal } = new AbortController()

  book.add('exchange', [candidate(first)])
  await dial(signal)
  expect(seen).toEqual([first.peerId.toString()])

  const keys = await Promise.all(Array.from({ length: 200 }, () => generateKeyPair('secp256k1')))
  const [address] = second.getMultiaddrs()
  book.add(
    'exchange',
    keys.map((key) => ({ peerId: peerIdFromPrivateKey(key), addresses: [address!] })),
  )
  book.add('exchange', [candidate(second)])
  expect(book.get(first.peerId.toString())).toBeUndefined()
  await dial(signal)
  expect(node.getPeers().map(String)).toEqual([first.peerId.toString()])
  book.add('rendezvous', [candidate(first)])
  book.add('kademlia', [candidate(await start())])
  await dial(signal)
  expect(node.getPeers()).toHaveLength(2)
})
