import type { WakuMessage } from '@teahouse/protocol/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { filter, type Filter } from '../filter/index.ts'
import { lightPush } from '../lightpush/index.ts'
import type { Net, Service } from '../net/index.ts'
import { CLUSTER_ID, SHARDS, SILENT, testHost, TOPICS, until } from '../net/test-hosts.ts'
import { relay } from '../relay/index.ts'
import type { Verdict } from '../rln/verdict.ts'
import { uplink, type Uplink, type Wanted } from './uplink.ts'

const CONTENT = '/toychat/2/huilong/proto'
const TOPIC = TOPICS[3]!
const message = (at: number): WakuMessage => ({
  payload: Uint8Array.of(at),
  contentTopic: CONTENT,
  timestamp: BigInt(Date.now()) * 1_000_000n,
})

/** A node of the mesh that takes and pushes everything. */
interface Upstream {
  readonly net: Net
  readonly subscribers: Filter
  readonly pushed: WakuMessage[]
  verdict: Verdict
}

let nodes: (Net | Service)[]
let edge: Uplink
let edgeNet: Net
let wanted: Wanted[]
let received: WakuMessage[]
let verdict: Verdict

async function startUpstream(): Promise<Upstream> {
  const net = await testHost()
  await net.start()
  const gossip = relay()({
    net,
    topics: TOPICS,
    validate: async () => ({ result: 'accept', code: 'OK' }),
    accepted: async () => undefined,
    log: SILENT,
  })
  const subscribers = filter()({ net, topics: TOPICS, log: SILENT })
  const upstream: Upstream = { net, subscribers, pushed: [], verdict: { result: 'accept', code: 'OK' } }
  const push = lightPush({ minRelayPeers: 0 })({
    net,
    network: { clusterId: CLUSTER_ID, shards: SHARDS },
    topics: TOPICS,
    charge: async () => ({ ok: true }),
    precheck: () => undefined,
    holdProof: () => () => undefined,
    attachProof: async (one) => one,
    validate: async () => upstream.verdict,
    keep: async (_topic, one) => void upstream.pushed.push(one),
    kept: async () => undefined,
    relay: { publish: async () => ({ peers: 1, seen: false }), peers: () => 1 },
    log: SILENT,
  })
  nodes.push(gossip, subscribers, push, net)
  for (const service of [gossip, subscribers, push]) await service.start()
  await edgeNet.dial(net.getMultiaddrs())
  await until(async () => {
    const { protocols } = await edgeNet.peerStore.get(net.peerId)
    return protocols.some((name) => name.includes('lightpush/3'))
  })
  return upstream
}

beforeEach(async () => {
  nodes = []
  wanted = []
  received = []
  verdict = { result: 'accept', code: 'OK' }
  edgeNet = await testHost()
  await edgeNet.start()
  edge = uplink({
    net: edgeNet,
    wanted: () => wanted,
    isOperator: () => false,
    validate: async () => verdict,
    accepted: async (_topic, one) => void received.push(one),
    log: SILENT,
  })
})
afterEach(async () => {
  await edge.stop()
  for (const one of nodes) await one.stop()
  await edgeNet.stop()
})

async function want(): Promise<void> {
  wanted = [{ pubsubTopic: TOPIC, contentTopic: CONTENT }]
  await edge.want(TOPIC, [CONTENT])
}

describe('an edge node', () => {
  it('is pushed what those that it serves want, by two nodes, and checks it', async () => {
    const [first, second] = [await startUpstream(), await startUpstream()]
    await edge.start()
    await until(() => edge.peers() === 2)
    await want()
    for (const { subscribers } of [first, second]) {
      await until(() => subscribers.subscribers() === 1)
      subscribers.push(TOPIC, message(1))
    }
    await until(() => received.length === 2)
    verdict = { result: 'reject', code: 'INVALID_PROOF' }
    first.subscribers.push(TOPIC, message(2))
    first.subscribers.push('/waku/2/rs/1984/3', { ...message(3), contentTopic: '/not/1/wanted/proto' })
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(received).toHaveLength(2)
  })

  it('gives what it is pushed to the nodes that it leans on', async () => {
    const upstream = await startUpstream()
    await edge.start()
    expect(await edge.publish(TOPIC, message(1))).toEqual({ peers: 1, seen: false })
    expect(upstream.pushed.map(({ payload }) => payload[0])).toEqual([1])
  })

  it('asks again when a node has forgotten it, and for less when less is wanted', async () => {
    const { subscribers } = await startUpstream()
    await edge.start()
    await want()
    await until(() => subscribers.subscribers() === 1)
    wanted = []
    await until(() => subscribers.subscribers() === 0)
  })

  it('leaves them when it stops', async () => {
    const { subscribers } = await startUpstream()
    await edge.start()
    await want()
    await edge.stop()
    expect([subscribers.subscribers(), edge.peers()]).toEqual([0, 0])
  })
})

describe('when it must refuse', () => {
  it('a subscription while there is nobody to take messages from: 503', async () => {
    await edge.start()
    await expect(want()).rejects.toMatchObject({ detail: { status: 503 } })
  })

  it('a message while there is nobody to give it to: 505, since nothing is kept here', async () => {
    await edge.start()
    await expect(edge.publish(TOPIC, message(1))).rejects.toMatchObject({ detail: { status: 505 } })
  })

  it('a message that all refuse, with their status', async () => {
    const upstream = await startUpstream()
    upstream.verdict = { result: 'reject', code: 'INVALID_PROOF' }
    await edge.start()
    await expect(edge.publish(TOPIC, message(1))).rejects.toMatchObject({
      detail: { status: 420 },
      message: expect.stringContaining('INVALID_PROOF') as string,
    })
  })
})
