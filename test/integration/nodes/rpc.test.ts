import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MembershipLedger, Prover } from '@teahouse/protocol/rln'
import { pubsubTopicOf } from '@teahouse/protocol/wire'
import {
  becomesWell,
  CLUSTER_ID,
  newLightPeer,
  newMember,
  newMessage,
  newRpcProxy,
  prepareNode,
  prove,
  readLedger,
  SHARDS,
  spawnNode,
  startChain,
  testProver,
  until,
  withinOneEpoch,
  type LightPeer,
  type NodeProcess,
  type RpcProxy,
  type TestChain,
  type TestMember,
} from '../../support/index.ts'

const TOPIC = '/teahouse-test/1/rpc/bytes'
const PUBSUB_TOPIC = pubsubTopicOf(TOPIC, CLUSTER_ID, SHARDS)

let chain: TestChain
let prover: Prover
let liar: RpcProxy
let mortal: RpcProxy
let honest: RpcProxy
let member: TestMember
let node: NodeProcess
let peer: LightPeer

beforeAll(async () => {
  chain = await startChain()
  prover = await testProver()
  liar = await newRpcProxy(chain.rpcUrl)
  mortal = await newRpcProxy(chain.rpcUrl)
  honest = await newRpcProxy(chain.rpcUrl)
  liar.alter = lie
  member = await newMember(chain, 5)
  const prepared = await prepareNode(chain)
  const rpcUrls = [liar.url, mortal.url, honest.url]
  // Proofs are made in this process, which then answers late.
  const over = { timeoutMs: 15_000, setAsideMs: 600_000, setAsideMaxMs: 600_000 }
  const patient = { ...prepared.config.chain, ...over }
  node = await spawnNode(await rewrite(prepared, { rpcUrls, chain: patient }))
  peer = await newLightPeer((await node.info()).multiaddrs[0]!)
})

afterAll(async () => {
  await peer?.stop()
  await node?.kill()
  await prover?.stop()
  for (const proxy of [liar, mortal, honest]) await proxy?.shut()
  await chain?.stop()
})

async function rewrite(
  prepared: Awaited<ReturnType<typeof prepareNode>>,
  over: object,
): Promise<typeof prepared> {
  const config = { ...prepared.config, ...over }
  await writeFile(prepared.configFile, JSON.stringify(config))
  return { ...prepared, config }
}

/** A fork that nobody else has, without members, where everybody owns nothing. */
function lie(method: string, result: unknown): unknown {
  if (method === 'eth_getLogs') return []
  if (method === 'eth_call' && typeof result === 'string') return `0x${'0'.repeat(result.length - 2)}`
  const block = result as { number?: string; hash?: string } | null
  if (method !== 'eth_getBlockByNumber' || !block?.hash || block.number === '0x0') return result
  return { ...block, hash: `0x${'66'.repeat(28)}${block.hash.slice(-8)}` }
}

const lines = (msg: string, rpc?: string) =>
  node
    .output()
    .split('\n')
    .filter((line) => line.includes(`"msg":"${msg}"`) && (rpc === undefined || line.includes(rpc)))
const endpoints = async () => (await node.info()).chain.endpoints
const members = async () => (await node.info()).chain.members
const stored = async () => {
  const { messages } = await peer.query({ pubsubTopic: PUBSUB_TOPIC, contentTopics: [TOPIC] })
  return messages.map(({ message }) => new TextDecoder().decode(message!.payload))
}

async function say(text: string, messageId: number, ledger?: MembershipLedger): Promise<void> {
  await withinOneEpoch(15)
  const message = await prove(chain, prover, member, newMessage(TOPIC, text), {
    messageId,
    ...(ledger && { ledger }),
  })
  expect(await peer.push(message)).toMatchObject({ statusCode: 200 })
  expect(await stored()).toContain(text)
}

describe('a node with three RPC endpoints', () => {
  it('does not believe the one that lies, from the start on, and says so in one line without its path', async () => {
    const said = lines('Set an RPC endpoint aside', liar.host)
    expect(said).toHaveLength(1)
    expect(JSON.parse(said[0]!)).toMatchObject({ level: 40, rpc: liar.host, reason: 'contradicts' })
    expect(await members()).toBe(await chain.at.MembershipRegistry.read.memberCount())
    expect(await endpoints()).toMatchObject([
      { host: liar.host, state: 'contradicts' },
      { host: mortal.host, state: 'ok', lag: 0 },
      { host: honest.host, state: 'ok', lag: 0 },
    ])
    await say('with two of three', 0)
  })

  it('keeps relaying and storing when another dies: nothing is believed of the chain until it is back', async () => {
    await mortal.shut()
    await until('the node notices', async () => (await node.health()).problems.includes('CHAIN_AWAY'))
    expect(await node.health()).toMatchObject({ status: 'degraded' })
    expect(await endpoints()).toMatchObject([{ state: 'contradicts' }, { state: 'away' }, { state: 'ok' }])
    const before = await members()
    const known = await readLedger(chain)
    await newMember(chain, 1)
    await say('with one of three', 1, known)
    expect(await members()).toBe(before)
    expect(lines('Set an RPC endpoint aside', mortal.host)).toHaveLength(1)
    expect(lines('Lost the chain; staying up and trying again')).toHaveLength(1)

    await mortal.open()
    await until('the node caught up', async () => (await members()) === before + 1)
    await becomesWell(node)
    expect(lines('An RPC endpoint is back', mortal.host)).toHaveLength(1)
    expect(lines('Set an RPC endpoint aside', liar.host)).toHaveLength(1)
    expect(node.output()).not.toContain('secret-key')
    await say('with two of three again', 2)
  })
})
