import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Prover } from '@teahouse/protocol/rln'
import { messageHash, pubsubTopicOf, type WakuMessage } from '@teahouse/protocol/wire'
import { bytesToHex } from 'viem'
import { runTeahouse } from '../../../cli/src/testing/teahouse.ts'
import {
  CLUSTER_ID,
  newLightPeer,
  newMember,
  newMessage,
  prepareNode,
  prove,
  readLedger,
  SHARDS,
  spawnNode,
  startChain,
  testProver,
  until,
  type NodeProcess,
  type TestChain,
  type TestMember,
} from '../../support/index.ts'

const TOPIC = '/teahouse-test/1/sync/bytes'
const PUBSUB_TOPIC = pubsubTopicOf(TOPIC, CLUSTER_ID, SHARDS)
/** Also the newest messages are compared. */
const SYNC = { offsetSeconds: 0 }

let chain: TestChain
let prover: Prover
let nodes: NodeProcess[]
let alice: TestMember

beforeAll(async () => {
  chain = await startChain()
  prover = await testProver()
  alice = await newMember(chain, 20)
  nodes = [
    await spawnNode(await prepareNode(chain, { config: { sync: SYNC } })),
    await spawnNode(await prepareNode(chain, { config: { sync: SYNC } })),
  ]
})

afterAll(async () => {
  await Promise.all((nodes ?? []).map((node) => node.kill()))
  await prover?.stop()
  await chain?.stop()
})

async function stored(node: NodeProcess): Promise<string[]> {
  const peer = await newLightPeer((await node.info()).multiaddrs[0]!)
  const { messages } = await peer.query({ pubsubTopic: PUBSUB_TOPIC, contentTopics: [TOPIC] })
  await peer.stop()
  return messages.map(({ message }) => new TextDecoder().decode(message!.payload)).sort()
}

async function push(node: NodeProcess, message: WakuMessage): Promise<void> {
  const peer = await newLightPeer((await node.info()).multiaddrs[0]!)
  expect(await peer.push(message)).toMatchObject({ statusCode: 200 })
  await peer.stop()
}

/** As the operator does it, in the folder of the node. */
async function forget({ folder, node, payee, info }: NodeProcess, hash: string): Promise<unknown> {
  const operator = { version: 1, node, payee, peerId: (await info()).peerId }
  await writeFile(join(folder, 'operator.json'), JSON.stringify(operator))
  const { code, stdout, stderr } = await runTeahouse(folder, [
    'node',
    'store',
    'forget',
    hash,
    '--dir',
    folder,
    '--json',
  ])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

describe('a node that was away', () => {
  it('has, soon after its start, what the other one was sent meanwhile, under roots of then and of now', async () => {
    await nodes[1]!.kill()
    const texts: string[] = []
    const send = async (text: string, messageId: number) => {
      const ledger = await readLedger(chain)
      await push(nodes[0]!, await prove(chain, prover, alice, newMessage(TOPIC, text), { messageId, ledger }))
      texts.push(text)
    }
    for (const id of [0, 1]) await send(`before ${id}`, id)
    await newMember(chain, 1) // the root changes
    for (const id of [2, 3]) await send(`after ${id}`, id)

    nodes[1] = await spawnNode(nodes[1]!)
    const found = await until('it has them all', async () => {
      const all = await stored(nodes[1]!)
      return all.length >= texts.length && all
    })
    expect(found).toEqual(texts.sort())
    expect(nodes[1].output()).toContain('Caught up with the archive of a peer')
    expect(nodes.map((node) => node.output()).join('')).not.toContain('Cut off a peer')
  })

  it('does not take in again what its operator has had it forget, and says that it has', async () => {
    const ledger = await readLedger(chain)
    const send = async (text: string, messageId: number) => {
      const message = await prove(chain, prover, alice, newMessage(TOPIC, text), { messageId, ledger })
      await push(nodes[0]!, message)
      return bytesToHex(messageHash(PUBSUB_TOPIC, message))
    }
    const hash = await send('to be forgotten', 4)
    await until('both have it', async () => (await stored(nodes[1]!)).includes('to be forgotten'))
    expect(await forget(nodes[1]!, hash)).toEqual({ messageHash: hash, had: true, again: false })
    expect(await forget(nodes[1]!, hash)).toMatchObject({ had: false, again: true })
    expect(await stored(nodes[1]!)).not.toContain('to be forgotten')
    expect(nodes[1]!.output()).toContain('Forgot a message')

    await nodes[1]!.kill()
    await send('sent meanwhile', 5)
    nodes[1] = await spawnNode(nodes[1]!)
    await until('it has caught up', async () => (await stored(nodes[1]!)).includes('sent meanwhile'))
    expect(await stored(nodes[1])).not.toContain('to be forgotten')
    expect(await stored(nodes[0]!)).toContain('to be forgotten')
    expect((await nodes[1].info()).forgotten).toEqual({ messages: 1, denyLists: [] })
    const shown = await fetch(`${nodes[1].apiUrl}/store/v1/forgotten`)
    expect(await shown.json()).toMatchObject({
      forgotten: [{ messageHash: hash, by: 'operator', had: true }],
    })
    expect(nodes.map((node) => node.output()).join('')).not.toContain('Cut off a peer')
  })
})
