import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { messageHash, pubsubTopicOf, type WakuMessage } from '@teahouse/protocol/wire'
import { hexToBytes } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  CLUSTER_ID,
  newLightPeer,
  newMember,
  newMessage,
  prepareNode,
  prove,
  SHARDS,
  spawnNode,
  startChain,
  testProver,
  type TestChain,
} from '../../support/index.ts'

const TOPIC = '/teahouse-test/1/at-rest/bytes'
const PUBSUB_TOPIC = pubsubTopicOf(TOPIC, CLUSTER_ID, SHARDS)

let chain: TestChain
let disk: Buffer
let folder: string
let sent: WakuMessage
let keyOfNode: Uint8Array
const ids: string[] = []
const addresses: string[] = []

beforeAll(async () => {
  chain = await startChain()
  const prover = await testProver()
  const node = await spawnNode(await prepareNode(chain))
  const { peerId, multiaddrs } = await node.info()
  // 0x04, then both coordinates; compressed keys have the first one.
  keyOfNode = hexToBytes(privateKeyToAccount(node.keys.node).publicKey).slice(1, 33)
  const peer = await newLightPeer(multiaddrs[0]!)
  ids.push(peerId, peer.peerId)
  addresses.push(...multiaddrs, '127.0.0.1', '/ip4/', '/p2p/')
  const message = newMessage(TOPIC, 'sealed by its sender')
  sent = await prove(chain, prover, await newMember(chain, 3), message, { messageId: 0 })
  expect(await peer.push(sent)).toMatchObject({ statusCode: 200 })
  await peer.query({ pubsubTopic: PUBSUB_TOPIC, contentTopics: [TOPIC] })
  await node.kill('SIGKILL') // with what its log of writes holds
  await peer.stop()
  await prover.stop()
  folder = join(node.folder, 'data')
  const files = (await readdir(folder)).filter((name) => name.startsWith('archive.sqlite'))
  disk = Buffer.concat(await Promise.all(files.map((name) => readFile(join(folder, name)))))
})
afterAll(() => chain?.stop())

const onDisk = (what: Uint8Array | string) => disk.includes(Buffer.from(what as string))

it('the disk of an archive holds messages, hashes and topics', () => {
  expect(onDisk(messageHash(PUBSUB_TOPIC, sent))).toBe(true)
  expect(onDisk(TOPIC)).toBe(true)
  expect(onDisk(sent.payload)).toBe(true)
})

it('and nothing of who sent, asked or served: no peer id, key or address', () => {
  for (const id of ids) expect(onDisk(id), 'peer id').toBe(false)
  expect(onDisk(keyOfNode), 'public key, of which the peer id is made').toBe(false)
  for (const address of addresses) expect(onDisk(address), address).toBe(false)
})

it('and has no columns for more than that', () => {
  const db = new DatabaseSync(join(folder, 'archive.sqlite'), { readOnly: true })
  const columns = db
    .prepare(
      'SELECT m.name || $dot || c.name AS name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = $table',
    )
    .all({ dot: '.', table: 'table' }) as { name: string }[]
  db.close()
  expect(columns.map(({ name }) => name).sort()).toEqual([
    'messages.content_topic',
    'messages.hash',
    'messages.id',
    'messages.message',
    'messages.pubsub_topic',
    'messages.timestamp',
    'totals.bytes',
    'totals.messages',
    'totals.one',
  ])
})
