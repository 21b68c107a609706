import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { multiaddr } from '@multiformats/multiaddr'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import type { Prover } from '@teahouse/protocol/rln'
import {
  decode,
  encodeMessage,
  FilterSubscribeResponse,
  LightPushResponseV3,
  OfferResponse,
  PayResponse,
  PROTOCOLS,
  pubsubTopicOf,
  readFrame,
  StoreQueryResponse,
  type WakuMessage,
} from '@teahouse/protocol/wire'
import { host, startHost, type Net } from '../../../nodes/src/net/index.ts'
import {
  becomesWell,
  CLUSTER_ID,
  epochNow,
  newLightPeer,
  newMember,
  newMessage,
  prepareNode,
  prove,
  SHARDS,
  spawnNode,
  startChain,
  testProver,
  until,
  type LightPeer,
  type NodeProcess,
  type TestChain,
  type TestMember,
} from '../../support/index.ts'

const TOPIC = '/teahouse-test/1/bad-input/bytes'
const PUBSUB_TOPIC = pubsubTopicOf(TOPIC, CLUSTER_ID, SHARDS)
const OTHER_PUBSUB_TOPIC = `/waku/2/rs/${CLUSTER_ID}/${(Number(PUBSUB_TOPIC.split('/').pop()) + 1) % SHARDS}`
/** Proofs take a while: timestamps lie as far ahead as they may, so that messages live longer. */
const AHEAD_MS = 18_000
/** A window so short that a root expires during the test. */
const MEMBERSHIP = {
  epochSeconds: 60,
  rootWindow: 10,
  term: 3_600,
  grace: 600,
  exitDelay: 300,
  commitMinBlocks: 2,
  commitMaxAge: 86_400,
  depositPerMessage: 50_000n,
  feePerMessage: 10_000n,
}

let chain: TestChain
let prover: Prover
let node: NodeProcess
let peer: LightPeer
let alice: TestMember
/** A good message that has not been sent, and one whose proof is good for other bytes only. */
let good: WakuMessage
let other: WakuMessage

beforeAll(async () => {
  chain = await startChain({ parameters: { membership: MEMBERSHIP } })
  prover = await testProver()
  node = await spawnNode(await prepareNode(chain))
  peer = await newLightPeer((await node.info()).multiaddrs[0]!)
  alice = await newMember(chain, 20)
  good = await prove(chain, prover, alice, newMessage(TOPIC, 'good', AHEAD_MS), { messageId: 0 })
  other = await prove(chain, prover, alice, newMessage(TOPIC, 'other', AHEAD_MS), { messageId: 1 })
})

afterAll(async () => {
  await peer?.stop()
  await node?.kill()
  await prover?.stop()
  await chain?.stop()
})

const spoil = (bytes: Uint8Array, at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))
const withProof = (fields: Partial<NonNullable<WakuMessage['rateLimitProof']>>): WakuMessage => ({
  ...good,
  rateLimitProof: { ...good.rateLimitProof!, ...fields },
})

describe('a light push', () => {
  it.each([
    {
      given: 'a payload over 150 KiB',
      of: () => ({ ...good, payload: new Uint8Array(150 * 1024) }),
      status: 413,
      code: '',
    },
    {
      given: 'a content topic that is none',
      of: () => ({ ...good, contentTopic: 'nowhere' }),
      status: 400,
      code: '',
    },
    {
      given: 'meta, which no proof binds',
      of: () => ({ ...good, meta: Uint8Array.of(1) }),
      status: 420,
      code: 'UNBOUND_META',
    },
    {
      given: 'no timestamp',
      of: () => ({ ...good, timestamp: undefined }),
      status: 420,
      code: 'NO_TIMESTAMP',
    },
    {
      given: 'a timestamp of an hour ago',
      of: () => ({ ...good, timestamp: good.timestamp! - 3_600_000_000_000n }),
      status: 420,
      code: 'TIMESTAMP_OUT_OF_WINDOW',
    },
    {
      given: 'another payload than was proved',
      of: () => ({ ...good, payload: Uint8Array.of(1) }),
      status: 420,
      code: 'X_MISMATCH',
    },
    {
      given: 'a proof that is cut short',
      of: () => withProof({ proof: new Uint8Array(127) }),
      status: 420,
      code: 'MALFORMED_PROOF',
    },
    {
      given: 'a nullifier over the field',
      of: () => withProof({ nullifier: new Uint8Array(32).fill(255) }),
      status: 420,
      code: 'MALFORMED_PROOF',
    },
    {
      given: 'a proof for another application',
      of: () => withProof({ rlnIdentifier: new Uint8Array(32) }),
      status: 420,
      code: 'WRONG_RLN_IDENTIFIER',
    },
    {
      given: 'the proof of another message',
      of: () => withProof({ proof: other.rateLimitProof!.proof }),
      status: 420,
      code: 'INVALID_PROOF',
    },
    {
      given: 'a nullifier of its own choice',
      of: () => withProof({ nullifier: spoil(good.rateLimitProof!.nullifier, 0) }),
      status: 420,
      code: 'INVALID_PROOF',
    },
    {
      given: 'a share of its own choice',
      of: () => withProof({ shareY: spoil(good.rateLimitProof!.shareY, 0) }),
      status: 420,
      code: 'INVALID_PROOF',
    },
    {
      given: 'a root that nobody knows',
      of: () => withProof({ merkleRoot: spoil(good.rateLimitProof!.merkleRoot, 0) }),
      status: 420,
      code: 'UNKNOWN_ROOT',
    },
  ])('with $given is refused: $status $code', async ({ of, status, code }) => {
    const answer = await peer.push(of())
    expect(answer.statusCode, answer.statusDesc).toBe(status)
    expect(answer.statusDesc).toContain(code)
  })

  it('on the shard of another topic is refused: 421', async () => {
    expect(await peer.push(good, OTHER_PUBSUB_TOPIC)).toMatchObject({ statusCode: 421 })
  })

  it('of an epoch that is over is refused: EPOCH_OUT_OF_WINDOW', async () => {
    const late = await prove(chain, prover, alice, newMessage(TOPIC, 'late', AHEAD_MS), {
      messageId: 0,
      epoch: epochNow() - 3n,
    })
    expect((await peer.push(late)).statusDesc).toContain('EPOCH_OUT_OF_WINDOW')
  })

  it('without a proof, to a node without a membership, is refused: 504', async () => {
    expect(await peer.push(newMessage(TOPIC, 'bare'))).toMatchObject({ statusCode: 504 })
  })

  it('of a frame longer than allowed is answered before it is read, and the node stays up', async () => {
    const stream = await peer.openStream(PROTOCOLS.lightPush)
    stream.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x07))
    const reply = await readFrame(stream, { maxBytes: 1_024, signal: AbortSignal.timeout(10_000) })
    expect(decode(LightPushResponseV3, reply).statusCode).toBe(413)
    stream.abort(new Error('done'))
    await becomesWell(node)
  })
})

describe('a request', () => {
  const ALL_400 = { lightPush: 400, store: 400, filterSubscribe: 400, pay: 400, offer: 400 }
  it.each([
    { given: 'noise', bytes: Uint8Array.of(255, 255, 255, 255, 255), statuses: ALL_400 },
    { given: 'a truncated message', bytes: Uint8Array.of(0xaa, 1, 200, 1, 2), statuses: ALL_400 },
    {
      // No bytes are a whole message of defaults: a query without criteria, a question for the offer, a ping of nobody.
      given: 'nothing',
      bytes: new Uint8Array(0),
      statuses: { ...ALL_400, store: 200, offer: 200, filterSubscribe: 404 },
    },
  ])('whose frame holds $given is answered by every protocol, with the right status', async (row) => {
    expect(await statusesFor(row.bytes)).toEqual(row.statuses)
    expect(peer.connected()).toBe(true)
    await becomesWell(node)
  })

  const REPLIES = {
    lightPush: LightPushResponseV3,
    store: StoreQueryResponse,
    filterSubscribe: FilterSubscribeResponse,
    pay: PayResponse,
    offer: OfferResponse,
  } as const

  async function statusesFor(bytes: Uint8Array): Promise<Record<string, number>> {
    const statuses: Record<string, number> = {}
    for (const [name, codec] of Object.entries(REPLIES)) {
      const reply = await peer.send(PROTOCOLS[name as keyof typeof REPLIES], bytes)
      statuses[name] = codec.decode(reply).statusCode ?? 0
    }
    return statuses
  }
})

describe('gossip', () => {
  let gossiper: Net
  beforeAll(async () => {
    gossiper = await host()({
      privateKey: secp256k1.utils.randomSecretKey(),
      topics: [PUBSUB_TOPIC, OTHER_PUBSUB_TOPIC],
    })
    await startHost(gossiper)
    await gossiper.dial(multiaddr((await node.info()).multiaddrs[0]))
    gossiper.services.pubsub.subscribe(PUBSUB_TOPIC)
    gossiper.services.pubsub.subscribe(OTHER_PUBSUB_TOPIC)
    await until('the node relays with the gossiper', async () =>
      [PUBSUB_TOPIC, OTHER_PUBSUB_TOPIC].every(
        (topic) => gossiper.services.pubsub.getSubscribers(topic).length > 0,
      ),
    )
  })
  afterAll(() => gossiper?.stop())

  it.each([
    {
      given: 'no proof',
      topic: PUBSUB_TOPIC,
      bytes: () => encodeMessage(newMessage(TOPIC, 'bare')),
      code: 'NO_PROOF',
    },
    {
      given: 'the wrong shard',
      topic: OTHER_PUBSUB_TOPIC,
      bytes: () => encodeMessage(good),
      code: 'WRONG_SHARD',
    },
    {
      given: 'the proof of another message',
      topic: PUBSUB_TOPIC,
      bytes: () => encodeMessage(withProof({ proof: other.rateLimitProof!.proof })),
      code: 'INVALID_PROOF',
    },
  ])('with $given is rejected ($code) and not kept', async ({ topic, bytes, code }) => {
    const before = await node.info()
    const count = ({ rln }: typeof before, of: string) => rln.rejected[of] ?? 0
    await gossiper.services.pubsub.publish(topic, bytes())
    await until('the node judged it', async () => count(await node.info(), code) > count(before, code))
    expect((await node.info()).archive.messages).toBe(before.archive.messages)
    await becomesWell(node)
  })

  it('with bytes that are no message is dropped before any judgement, and what follows is judged', async () => {
    const before = await node.info()
    const judged = ({ rln }: typeof before) =>
      [rln.ignored, rln.rejected]
        .flatMap((counts) => Object.values(counts))
        .reduce((a, b) => a + b, rln.accepted)
    await gossiper.services.pubsub.publish(PUBSUB_TOPIC, Uint8Array.of(255, 255, 1))
    await gossiper.services.pubsub.publish(PUBSUB_TOPIC, encodeMessage(newMessage(TOPIC, 'follows')))
    await until('the node judged what follows', async () => judged(await node.info()) > judged(before))
    const after = await node.info()
    expect(judged(after)).toBe(judged(before) + 1)
    expect(after.archive.messages).toBe(before.archive.messages)
    await becomesWell(node)
  })
})

describe('after all of that', () => {
  it('the good message is still accepted, once: what was refused left no trace', async () => {
    const message = await prove(chain, prover, alice, newMessage(TOPIC, 'still good'), { messageId: 2 })
    expect(await peer.push(message)).toMatchObject({ statusCode: 200 })
    expect(await peer.push(message)).toMatchObject({ statusCode: 200, statusDesc: 'DUPLICATE' })
    const { messages } = await peer.query({ pubsubTopic: PUBSUB_TOPIC, contentTopics: [TOPIC] })
    expect(messages).toHaveLength(1)
    expect((await node.info()).rln.slashed).toEqual([])
  })

  it('a root is refused when its window is over: EXPIRED_ROOT', async () => {
    const stale = await prove(chain, prover, alice, newMessage(TOPIC, 'stale', AHEAD_MS), { messageId: 3 })
    await newMember(chain, 1)
    await until(
      'the root expires',
      async () => (await peer.push(stale)).statusDesc?.includes('EXPIRED_ROOT'),
      20_000,
      500,
    )
  })
})
