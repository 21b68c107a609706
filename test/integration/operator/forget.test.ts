import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageHash, pubsubTopicOf } from '@teahouse/protocol/wire'
import { bytesToHex, type Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
  type LightPeer,
  type NodeProcess,
  type TestChain,
} from '../../support/index.ts'

const TOPIC = '/teahouse-test/1/forget/bytes'
const PUBSUB_TOPIC = pubsubTopicOf(TOPIC, CLUSTER_ID, SHARDS)
const UNKNOWN: Hex = `0x${'5f'.repeat(32)}`

let chain: TestChain
let node: NodeProcess
let peer: LightPeer
/** Of the two messages that the node keeps. */
let hashes: Hex[]

beforeAll(async () => {
  chain = await startChain()
  node = await spawnNode(await prepareNode(chain))
  const { payee, info, folder } = node
  const operator = { version: 1, node: node.node, payee, peerId: (await info()).peerId }
  await writeFile(join(folder, 'operator.json'), JSON.stringify(operator))
  const prover = await testProver()
  const alice = await newMember(chain, 20)
  peer = await newLightPeer((await info()).multiaddrs[0]!)
  const ledger = await readLedger(chain)
  hashes = []
  for (const messageId of [0, 1]) {
    const fresh = newMessage(TOPIC, `message ${messageId}`)
    const message = await prove(chain, prover, alice, fresh, { messageId, ledger })
    expect(await peer.push(message)).toMatchObject({ statusCode: 200 })
    hashes.push(bytesToHex(messageHash(PUBSUB_TOPIC, message)))
  }
  await prover.stop()
})
afterAll(async () => {
  await peer?.stop()
  await node?.kill()
  await chain?.stop()
})

const teahouse = (...args: string[]) =>
  runTeahouse(node.folder, ['node', 'store', ...args, '--dir', node.folder])

async function forget(...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await teahouse('forget', ...args, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

interface Entry {
  readonly messageHash: string
  readonly at: number
  readonly by: string
  readonly had: boolean
}

/** What everybody can see. */
async function record(): Promise<Entry[]> {
  const page = await (await fetch(`${node.apiUrl}/store/v1/forgotten`)).json()
  return (page as { forgotten: Entry[] }).forgotten
}

async function kept(): Promise<string[]> {
  const { messages } = await peer.query({ pubsubTopic: PUBSUB_TOPIC, contentTopics: [TOPIC] })
  return messages.map(({ messageHash: hash }) => bytesToHex(hash!)).sort()
}

/** Lines of the log that say so, as JSON. */
const logged = () =>
  node
    .output()
    .split('\n')
    .filter((line) => line.includes('Forgot a message'))
    .map((line) => JSON.parse(line) as { readonly level: number; readonly hash: string })

describe('teahouse node store forget, when it must refuse', () => {
  it.each([
    ['a word', 'tea'],
    ['too few digits', `0x${'5f'.repeat(31)}`],
    ['too many', `0x${'5f'.repeat(33)}`],
    ['no hex', `0x${'5g'.repeat(32)}`],
    ['nothing', ''],
  ])('%s is no hash', async (_, given) => {
    const { code, stdout, stderr } = await teahouse('forget', given, '--json')
    expect([code, stdout]).toEqual([2, ''])
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'USAGE' } })
  })

  it('a hash of no message here is refused, and nothing is noted of it', async () => {
    const { code, stdout, stderr } = await teahouse('forget', UNKNOWN, '--json')
    expect([code, stdout]).toEqual([1, ''])
    const message = expect.stringContaining('The node has no message of this hash')
    const error = { code: 'NOT_FORGOTTEN', message, hint: expect.stringContaining('--ahead') }
    expect(JSON.parse(stderr)).toEqual({ error })
    expect((await teahouse('forget', UNKNOWN)).stderr).toContain('The node has no message of this hash')
    expect(await record()).toEqual([])
    expect((await node.info()).forgotten).toEqual({ messages: 0, denyLists: [] })
    expect(logged()).toEqual([])
    expect(await kept()).toEqual(hashes.toSorted())
  })
})

describe('teahouse node store forget', () => {
  it('removes one message and no other, logs it, and shows it to everybody', async () => {
    const [gone, other] = hashes as [Hex, Hex]
    const before = Math.floor(Date.now() / 1_000)
    expect(await forget(gone)).toEqual({ messageHash: gone, had: true, again: false })
    expect(await kept()).toEqual([other])
    expect(logged()).toMatchObject([{ level: 40, hash: gone }])
    const [entry, ...more] = await record()
    expect(more).toEqual([])
    expect(entry).toMatchObject({ messageHash: gone, by: 'operator', had: true })
    expect(entry!.at).toBeGreaterThanOrEqual(before)
    expect((await node.info()).forgotten).toEqual({ messages: 1, denyLists: [] })
  })

  it('again changes nothing, however the hash is written', async () => {
    const [gone] = hashes as [Hex]
    const before = await record()
    for (const written of [gone, gone.slice(2), `0x${gone.slice(2).toUpperCase()}`])
      expect(await forget(written)).toEqual({ messageHash: written, had: false, again: true })
    expect(await record()).toEqual(before)
    expect((await teahouse('forget', gone)).stdout).toContain('It was forgotten before')
  })

  it('with --ahead notes a hash that has not come', async () => {
    expect(await forget(UNKNOWN, '--ahead')).toEqual({ messageHash: UNKNOWN, had: false, again: false })
    expect(await record()).toHaveLength(2)
    const { stdout } = await teahouse('forgotten')
    expect(stdout).toMatch(new RegExp(`${UNKNOWN} .*operator, before it came`))
    const shown = JSON.parse((await teahouse('forgotten', '--json')).stdout) as { forgotten: Entry[] }
    expect(shown.forgotten).toEqual(await record())
  })
})
