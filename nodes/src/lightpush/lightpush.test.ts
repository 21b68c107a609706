import { TeahouseError } from '@teahouse/protocol/errors'
import {
  decode,
  LightPushRequestV3,
  LightPushResponseV3,
  PROTOCOLS,
  pubsubTopicOf,
  PushRpc,
  WakuMessage as WakuMessageCodec,
  type WakuMessage,
} from '@teahouse/protocol/wire'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ChargeResult, Net } from '../net/index.ts'
import { ask, CLUSTER_ID, SHARDS, SILENT, testHost, TOPICS } from '../net/test-hosts.ts'
import type { Verdict, VerdictCode } from '../rln/verdict.ts'
import { PipelineError } from '../pipeline.ts'
import { ArchiveError } from '../store/index.ts'
import { lightPush, type LightPushDeps } from './lightpush.ts'

const TOPIC = TOPICS[3] ?? ''
const UNSERVED = pubsubTopicOf('/other/1/x/proto', CLUSTER_ID, SHARDS)
const PROOF = { proof: 'proof', root: 'root' }
const bytes = (text: string) => new TextEncoder().encode(text)
const rateLimitProof = {
  proof: bytes(PROOF.proof),
  merkleRoot: bytes(PROOF.root),
  epoch: bytes('e'),
  shareX: bytes('x'),
  shareY: bytes('y'),
  nullifier: bytes('n'),
  rlnIdentifier: bytes('i'),
}
const MESSAGE: WakuMessage = {
  payload: Uint8Array.of(1),
  contentTopic: '/toychat/2/huilong/proto',
  timestamp: 5n,
  rateLimitProof,
}
const PROOFLESS = { payload: MESSAGE.payload, contentTopic: MESSAGE.contentTopic, timestamp: 5n }

let node: Net
let client: Net
let steps: string[]
let verdict: Verdict
let charged: ChargeResult
let relayPeers: number
let taken: number
let seen: boolean
let fault: Verdict | undefined
let archived: WakuMessage | undefined
let published: WakuMessage[]
let proofFails: Error | undefined
let noProof: Error | undefined
let held: number
let keepFails: Error | undefined

const DEPS: Omit<LightPushDeps, 'net'> = {
  network: { clusterId: CLUSTER_ID, shards: SHARDS },
  topics: TOPICS.filter((topic) => topic !== UNSERVED),
  log: SILENT,
  validate: async (topic, message) => {
    steps.push(`validate ${topic} ${message.rateLimitProof ? 'with' : 'without'} proof`)
    return verdict
  },
  precheck: () => fault,
  charge: async (_peer, service, units, also = {}) => {
    steps.push(`charge ${[service, units, ...Object.entries(also).flat()].join(' ')}`)
    return charged
  },
  holdProof: () => {
    if (noProof) throw noProof
    held++
    return () => void held--
  },
  attachProof: async (message, peerId) => {
    steps.push(`prove for ${peerId === client.peerId.toString() ? 'client' : peerId}`)
    if (proofFails) throw proofFails
    return { ...message, rateLimitProof }
  },
  keep: async () => {
    steps.push('keep')
    if (keepFails) throw keepFails
  },
  kept: async () => archived,
  relay: {
    publish: async (_topic, message) => {
      steps.push('publish')
      published.push(message)
      return { peers: taken, seen }
    },
    peers: () => relayPeers,
  },
}

beforeAll(async () => {
  node = await testHost()
  client = await testHost([])
  await lightPush()({ net: node, ...DEPS }).start()
  await node.start()
  await client.start()
})
afterAll(() => Promise.all([node.stop(), client.stop()]))
beforeEach(() => {
  steps = []
  verdict = { result: 'accept', code: 'OK' }
  charged = { ok: true }
  relayPeers = 2
  taken = 2
  seen = false
  fault = undefined
  archived = undefined
  published = []
  proofFails = noProof = undefined
  held = 0
  keepFails = undefined
})

async function push(change: Partial<LightPushRequestV3> = {}): Promise<LightPushResponseV3> {
  const request = LightPushRequestV3.encode({
    requestId: 'r',
    pubsubTopic: TOPIC,
    message: MESSAGE,
    ...change,
  })
  return decode(LightPushResponseV3, await ask(client, node, PROTOCOLS.lightPush, request))
}

async function pushV2(message: WakuMessage, pubsubTopic = TOPIC): Promise<PushRpc> {
  const request = PushRpc.encode({ requestId: 'r', request: { pubsubTopic, message } })
  return decode(PushRpc, await ask(client, node, PROTOCOLS.lightPushV2, request))
}

describe('light push', () => {
  it('charges, validates, keeps, publishes, and then answers', async () => {
    expect(await push()).toEqual({ requestId: 'r', statusCode: 200, statusDesc: 'OK', relayPeerCount: 2 })
    expect(steps).toEqual(['charge lightpush 1', `validate ${TOPIC} with proof`, 'keep', 'publish'])
  })

  it('finds the shard of a message that names none', async () => {
    expect((await push({ pubsubTopic: undefined })).statusCode).toBe(200)
    expect(steps).toContain(`validate ${TOPIC} with proof`)
  })

  it('adds a proof of its own to a message without', async () => {
    expect((await push({ message: PROOFLESS })).statusCode).toBe(200)
    expect(steps[0]).toBe('charge lightpush 1 proof 1')
    expect(steps.slice(1, 3)).toEqual(['prove for client', `validate ${TOPIC} with proof`])
  })

  it('publishes what it kept again when it is pushed again, under the proof that was accepted', async () => {
    verdict = { result: 'ignore', code: 'DUPLICATE' }
    archived = { ...MESSAGE }
    const spoiled = { ...MESSAGE, rateLimitProof: { ...rateLimitProof, proof: bytes('spoiled') } }
    expect(await push({ message: spoiled })).toMatchObject({
      statusCode: 200,
      statusDesc: 'DUPLICATE',
      relayPeerCount: 2,
    })
    expect(published).toEqual([MESSAGE])
    expect(published[0]).toBe(archived)
    expect(steps).not.toContain('keep')
  })

  it('answers with success for what was gossiped before, although nobody took it again', async () => {
    verdict = { result: 'ignore', code: 'DUPLICATE' }
    archived = MESSAGE
    taken = 0
    seen = true
    expect(await push()).toMatchObject({ statusCode: 200, statusDesc: 'DUPLICATE', relayPeerCount: 2 })
  })

  it('answers with success for a copy of an ephemeral message, which nothing can be done for', async () => {
    verdict = { result: 'ignore', code: 'DUPLICATE' }
    expect(await push()).toMatchObject({ statusCode: 200, statusDesc: 'DUPLICATE' })
    expect(steps).not.toContain('publish')
  })

  it('makes no second proof for a message that it keeps', async () => {
    archived = MESSAGE
    expect(await push({ message: PROOFLESS })).toMatchObject({ statusCode: 200, statusDesc: 'DUPLICATE' })
    expect(steps).toEqual(['charge lightpush 1', 'publish'])
    expect(published).toEqual([MESSAGE])
  })

  it('speaks version 2', async () => {
    expect((await pushV2(MESSAGE)).response).toEqual({ isSuccess: true, info: 'OK' })
    verdict = { result: 'reject', code: 'INVALID_PROOF' }
    expect(await pushV2(MESSAGE)).toMatchObject({
      requestId: 'r',
      response: { isSuccess: false, info: 'INVALID_MESSAGE: INVALID_PROOF' },
    })
  })
})

describe('when it must refuse', () => {
  it.each<{ given: string; request: Partial<LightPushRequestV3>; status: number }>([
    { given: 'no message', request: { message: undefined }, status: 400 },
    {
      given: 'a message without a topic',
      request: { message: { ...MESSAGE, contentTopic: '' } },
      status: 400,
    },
    {
      given: 'a topic without a shard',
      request: { message: { ...MESSAGE, contentTopic: '/x' } },
      status: 400,
    },
    { given: 'too long a meta', request: { message: { ...MESSAGE, meta: new Uint8Array(65) } }, status: 413 },
    {
      given: 'too long a payload',
      request: { message: { ...MESSAGE, payload: new Uint8Array(160 * 1024) } },
      status: 413,
    },
    { given: 'another shard', request: { pubsubTopic: TOPICS[4] }, status: 421 },
    { given: 'another cluster', request: { pubsubTopic: '/waku/2/rs/1/3' }, status: 421 },
  ])('$given, answers $status and does nothing', async ({ request, status }) => {
    expect((await push(request)).statusCode).toBe(status)
    expect(steps).toEqual([])
  })

  it.each<{ code: VerdictCode; status: number }>([
    { code: 'TOO_LARGE', status: 413 },
    { code: 'WRONG_SHARD', status: 421 },
    { code: 'MEMBERSHIP_UNKNOWN', status: 503 },
    { code: 'EXPIRED_ROOT', status: 420 },
    { code: 'RATE_EXCEEDED', status: 420 },
    { code: 'INVALID_PROOF', status: 420 },
  ])('the verdict $code, answers $status and keeps nothing', async ({ code, status }) => {
    verdict = { result: 'ignore', code }
    const response = await push()
    expect(response.statusCode).toBe(status)
    expect(response.statusDesc).toContain(code)
    expect(steps).not.toContain('keep')
  })

  it('no peers to relay to, answers 505 and charges nothing', async () => {
    relayPeers = 0
    expect((await push()).statusCode).toBe(505)
    expect(steps).toEqual([])
  })

  it('peers that went away meanwhile, answers 505: the message is kept here only', async () => {
    taken = 0
    expect((await push()).statusCode).toBe(505)
    expect(steps.slice(-2)).toEqual(['keep', 'publish'])
  })

  it('peers that are away still, answers 505 to the retry of what it kept', async () => {
    verdict = { result: 'ignore', code: 'DUPLICATE' }
    archived = MESSAGE
    taken = 0
    expect((await push()).statusCode).toBe(505)
    expect((await push({ message: PROOFLESS })).statusCode).toBe(505)
  })

  it.each<{ code: VerdictCode; status: number }>([
    { code: 'UNBOUND_META', status: 420 },
    { code: 'NO_TIMESTAMP', status: 420 },
    { code: 'TIMESTAMP_OUT_OF_WINDOW', status: 420 },
    { code: 'TOO_LARGE', status: 413 },
  ])('$code of a message without a proof, answers $status and makes none', async ({ code, status }) => {
    fault = { result: 'reject', code }
    const answer = await push({ message: PROOFLESS })
    expect(answer).toMatchObject({ statusCode: status, statusDesc: expect.stringContaining(code) })
    expect(steps).toEqual([])
  })

  it('a message whose time ran out before it could be kept, answers 420', async () => {
    keepFails = new PipelineError('too late', { code: 'LATE' })
    expect(await push()).toMatchObject({
      statusCode: 420,
      statusDesc: expect.stringContaining('TIMESTAMP_OUT_OF_WINDOW'),
    })
    expect(steps).not.toContain('publish')
  })

  it.each(['UNAVAILABLE', 'CLOSED'] as const)('an archive that is %s, answers 503', async (code) => {
    keepFails = new ArchiveError('disk full', { code })
    expect(await push()).toMatchObject({
      statusCode: 503,
      statusDesc: 'SERVICE_NOT_AVAILABLE: the message could not be kept',
    })
    expect((await pushV2(MESSAGE)).response).toMatchObject({ isSuccess: false })
    expect(steps).not.toContain('publish')
  })

  it('a shard that the node does not serve, answers 421 before anything is done', async () => {
    // Of eight shards this one belongs to another than the node has left.
    const answer = await push({
      pubsubTopic: UNSERVED,
      message: { ...MESSAGE, contentTopic: '/other/1/x/proto' },
    })
    expect(answer).toMatchObject({ statusCode: 421, statusDesc: expect.stringContaining('does not serve') })
    expect(steps).toEqual([])
  })

  it('an archive without room, answers 503 and says so', async () => {
    keepFails = new ArchiveError('full', { code: 'DISK_FULL' })
    expect(await push()).toMatchObject({
      statusCode: 503,
      statusDesc: 'SERVICE_NOT_AVAILABLE: DISK_FULL',
    })
    expect(steps).not.toContain('publish')
  })

  it('a peer that has to pay, answers 429', async () => {
    charged = { ok: false, description: 'see offer 0xabc' }
    expect(await push()).toMatchObject({ statusCode: 429, statusDesc: 'TOO_MANY_REQUESTS: see offer 0xabc' })
  })

  it.each(['OUT_OF_RLN_PROOF', 'NO_MEMBERSHIP'])(
    '%s for a message without a proof, answers 504',
    async (code) => {
      proofFails = new TeahouseError('none left', { code })
      expect(await push({ message: PROOFLESS })).toMatchObject({
        statusCode: 504,
        statusDesc: expect.stringContaining('none left'),
      })
    },
  )

  it('a message without a proof when it has none to give, and charges nothing', async () => {
    noProof = new TeahouseError('none left', { code: 'OUT_OF_RLN_PROOF' })
    expect(await push({ message: PROOFLESS })).toMatchObject({ statusCode: 504 })
    expect(steps).toEqual([])
    noProof = undefined
    charged = { ok: false, description: 'see offer 0xabc' }
    expect(await push({ message: PROOFLESS })).toMatchObject({ statusCode: 429 })
    expect(held).toBe(0)
  })

  it('a failure of its own, answers 500 without saying which', async () => {
    keepFails = new Error('disk full')
    expect(await push()).toMatchObject({ requestId: 'r', statusCode: 500 })
    expect(steps).not.toContain('publish')
  })

  it.each([PROTOCOLS.lightPush, PROTOCOLS.lightPushV2])(
    'any bytes on %s, with an answer',
    async (protocol) => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (request) => {
          const reply = await ask(client, node, protocol, request)
          if (protocol === PROTOCOLS.lightPush)
            expect([200, 400]).toContain(decode(LightPushResponseV3, reply).statusCode)
          else expect(decode(PushRpc, reply).response).toBeDefined()
        }),
        { numRuns: 30 },
      )
    },
  )

  it('a message that is cut off, answers 400', async () => {
    const whole = LightPushRequestV3.encode({ requestId: 'r', message: MESSAGE })
    const cut = whole.subarray(0, WakuMessageCodec.encode(MESSAGE).byteLength)
    expect(decode(LightPushResponseV3, await ask(client, node, PROTOCOLS.lightPush, cut)).statusCode).toBe(
      400,
    )
  })
})
