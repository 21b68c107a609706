import {
  decode,
  LightPushRequestV3,
  LightPushResponseV3,
  PROTOCOLS,
  pubsubTopicOf,
  PushRpc,
  type WakuMessage,
} from '@teahouse/protocol/wire'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { ChargeResult, Net } from '../../net/index.ts'
import { ask, CLUSTER_ID, SHARDS, SILENT, testHost, TOPICS } from '../../net/test-hosts.ts'
import type { Verdict } from '../../rln/verdict.ts'
import { lightPush, type LightPushDeps } from '../lightpush.ts'

export const TOPIC = TOPICS[3] ?? ''
/** Of eight shards this one belongs to another than the node has left. */
export const UNSERVED = pubsubTopicOf('/other/1/x/proto', CLUSTER_ID, SHARDS)

export const bytes = (text: string) => new TextEncoder().encode(text)
export const rateLimitProof = {
  proof: bytes('proof'),
  merkleRoot: bytes('root'),
  epoch: bytes('e'),
  shareX: bytes('x'),
  shareY: bytes('y'),
  nullifier: bytes('n'),
  rlnIdentifier: bytes('i'),
}
export const MESSAGE: WakuMessage = {
  payload: Uint8Array.of(1),
  contentTopic: '/toychat/2/huilong/proto',
  timestamp: 5n,
  rateLimitProof,
}
export const PROOFLESS = { payload: MESSAGE.payload, contentTopic: MESSAGE.contentTopic, timestamp: 5n }

/** What is around the service: a test says what there is, and reads what was done. */
interface Scene {
  /** What the service asked of others, in its order. */
  readonly steps: string[]
  readonly published: WakuMessage[]
  /** Proofs that are held for messages without one. */
  held: number
  verdict: Verdict
  fault: Verdict | undefined
  charged: ChargeResult
  relayPeers: number
  /** How many peers take what is published, and whether it was gossiped before. */
  taken: number
  seen: boolean
  archived: WakuMessage | undefined
  proofFails: Error | undefined
  noProof: Error | undefined
  keepFails: Error | undefined
}

const fresh = (): Scene => ({
  steps: [],
  published: [],
  held: 0,
  verdict: { result: 'accept', code: 'OK' },
  fault: undefined,
  charged: { ok: true },
  relayPeers: 2,
  taken: 2,
  seen: false,
  archived: undefined,
  proofFails: undefined,
  noProof: undefined,
  keepFails: undefined,
})

/** As it is at the start of each test. */
export const scene = fresh()

let node: Net
let client: Net

const DEPS: Omit<LightPushDeps, 'net'> = {
  network: { clusterId: CLUSTER_ID, shards: SHARDS },
  topics: TOPICS.filter((topic) => topic !== UNSERVED),
  log: SILENT,
  validate: async (topic, message) => {
    scene.steps.push(`validate ${topic} ${message.rateLimitProof ? 'with' : 'without'} proof`)
    return scene.verdict
  },
  precheck: () => scene.fault,
  charge: async (_peer, service, units, also = {}) => {
    scene.steps.push(`charge ${[service, units, ...Object.entries(also).flat()].join(' ')}`)
    return scene.charged
  },
  holdProof: () => {
    if (scene.noProof) throw scene.noProof
    scene.held++
    return () => void scene.held--
  },
  attachProof: async (message, peerId) => {
    scene.steps.push(`prove for ${peerId === client.peerId.toString() ? 'client' : peerId}`)
    if (scene.proofFails) throw scene.proofFails
    return { ...message, rateLimitProof }
  },
  keep: async () => {
    scene.steps.push('keep')
    if (scene.keepFails) throw scene.keepFails
  },
  kept: async () => scene.archived,
  relay: {
    publish: async (_topic, message) => {
      scene.steps.push('publish')
      scene.published.push(message)
      return { peers: scene.taken, seen: scene.seen }
    },
    peers: () => scene.relayPeers,
  },
}

/** A node with the service and a client of it, for all tests of the file that calls this. */
export function setUpLightPush(): void {
  beforeAll(async () => {
    node = await testHost()
    client = await testHost([])
    await lightPush()({ net: node, ...DEPS }).start()
    await node.start()
    await client.start()
  })
  afterAll(() => Promise.all([node.stop(), client.stop()]))
  beforeEach(() => void Object.assign(scene, fresh()))
}

/** The answer to any bytes. */
export const askNode = (protocol: string, request: Uint8Array) => ask(client, node, protocol, request)

export async function push(change: Partial<LightPushRequestV3> = {}): Promise<LightPushResponseV3> {
  const request = LightPushRequestV3.encode({
    requestId: 'r',
    pubsubTopic: TOPIC,
    message: MESSAGE,
    ...change,
  })
  return decode(LightPushResponseV3, await askNode(PROTOCOLS.lightPush, request))
}

export async function pushV2(message: WakuMessage, pubsubTopic = TOPIC): Promise<PushRpc> {
  const request = PushRpc.encode({ requestId: 'r', request: { pubsubTopic, message } })
  return decode(PushRpc, await askNode(PROTOCOLS.lightPushV2, request))
}
