import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Prover } from '@teahouse/protocol/rln'
import { pubsubTopicOf } from '@teahouse/protocol/wire'
import {
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
  withinOneEpoch,
  type LightPeer,
  type NodeProcess,
  type TestChain,
} from '../../support/index.ts'

const TOPIC = '/teahouse-test/1/messages/bytes'
const PUBSUB_TOPIC = pubsubTopicOf(TOPIC, CLUSTER_ID, SHARDS)

/** Two proofs an epoch for one peer. */
const LENDING = { identityFile: 'identity.json', proofSharePerPeer: 0.1 }

let chain: TestChain
let prover: Prover
let nodes: NodeProcess[]
let peers: LightPeer[]

beforeAll(async () => {
  chain = await startChain()
  prover = await testProver()
  nodes = [
    await spawnNode(await prepareNode(chain, { rateLimit: 20, config: { rln: LENDING } })),
    await spawnNode(await prepareNode(chain)),
  ]
  await until('the nodes found each other', async () => {
    const infos = await Promise.all(nodes.map((node) => node.info()))
    return infos.every(({ peerId }, at) => infos[1 - at]!.peers.includes(peerId))
  })
  peers = await Promise.all(nodes.map(async (node) => newLightPeer((await node.info()).multiaddrs[0]!)))
})

afterAll(async () => {
  await Promise.all((peers ?? []).map((peer) => peer.stop()))
  await Promise.all((nodes ?? []).map((node) => node.kill()))
  await prover?.stop()
  await chain?.stop()
})

const stored = async (at: number) => {
  const { messages } = await peers[at]!.query({ pubsubTopic: PUBSUB_TOPIC, contentTopics: [TOPIC] })
  return messages.map(({ message }) => new TextDecoder().decode(message!.payload))
}

describe('a message with a proof of its sender', () => {
  it('goes by light push over one node into the store of another, and a retry of its bytes succeeds again', async () => {
    const alice = await newMember(chain, 5)
    const message = await prove(chain, prover, alice, newMessage(TOPIC, 'hello'), { messageId: 0 })
    expect(await peers[0]!.push(message)).toMatchObject({ statusCode: 200 })
    await until('the other node has it', async () => (await stored(1)).includes('hello'))

    expect(await peers[0]!.push(message)).toMatchObject({ statusCode: 200 })
    expect(await peers[1]!.push(message)).toMatchObject({ statusCode: 200 })
    expect((await stored(1)).filter((text) => text === 'hello')).toHaveLength(1)
  })

  it('is kept although an ephemeral copy of it came first, and once', async () => {
    const alice = await newMember(chain, 5)
    const message = await prove(chain, prover, alice, newMessage(TOPIC, 'spoiled on the way'), {
      messageId: 0,
    })
    expect(await peers[0]!.push({ ...message, ephemeral: true })).toMatchObject({ statusCode: 200 })
    expect(await stored(0)).not.toContain('spoiled on the way')
    expect(await peers[1]!.push(message)).toMatchObject({ statusCode: 200 })
    await until('both nodes have it', async () => {
      const texts = await Promise.all([stored(0), stored(1)])
      return texts.every((found) => found.filter((text) => text === 'spoiled on the way').length === 1)
    })
  })
})

describe('a message without a proof', () => {
  it('gets one of the node, and 504 of a node without a membership', async () => {
    expect(await peers[0]!.push(newMessage(TOPIC, 'borrowed'))).toMatchObject({ statusCode: 200 })
    await until('the other node has it', async () => (await stored(1)).includes('borrowed'))
    expect(await peers[1]!.push(newMessage(TOPIC, 'refused'))).toMatchObject({ statusCode: 504 })
  })

  it('is answered 504 beyond the share of one peer', async () => {
    // A peer that has borrowed nothing yet.
    const stranger = await newLightPeer((await nodes[0]!.info()).multiaddrs[0]!)
    await withinOneEpoch(40)
    const answers = []
    for (let n = 0; n < 3; n++)
      answers.push((await stranger.push(newMessage(TOPIC, `borrowed ${n}`))).statusCode)
    await stranger.stop()
    expect(answers).toEqual([200, 200, 504])
  })

  it('gets no second proof when it is sent again', async () => {
    const stranger = await newLightPeer((await nodes[0]!.info()).multiaddrs[0]!)
    await withinOneEpoch(30)
    const message = newMessage(TOPIC, 'borrowed once', 18_000)
    const answers = []
    for (let n = 0; n < 3; n++) answers.push(await stranger.push(message))
    await stranger.stop()
    expect(answers.map(({ statusCode, statusDesc }) => `${statusCode} ${statusDesc}`)).toEqual([
      '200 OK',
      '200 DUPLICATE',
      '200 DUPLICATE',
    ])
    expect((await stored(0)).filter((text) => text === 'borrowed once')).toHaveLength(1)
  })
})

describe('a member who sends two messages in one slot', () => {
  it('is slashed by a node, half burned and half paid, and every node drops what it sends from then on', async () => {
    const mallory = await newMember(chain, 4)
    const deposit = 4n * (await chain.at.MembershipRegistry.read.depositPerMessage())
    // Timestamps lie ahead and the epoch is one, however long the proofs take.
    const epoch = epochNow()
    const spam = async (text: string, messageId: number) =>
      prove(chain, prover, mallory, newMessage(TOPIC, text, 18_000), { messageId, epoch })
    const [first, second, third] = [
      await spam('spam 1', 3),
      await spam('spam 2', 3),
      await spam('spam 3', 2),
    ] as const
    expect(await peers[0]!.push(first)).toMatchObject({ statusCode: 200 })
    expect(await peers[0]!.push(second)).toMatchObject({ statusCode: 420 })
    // The node that found the secret refuses at once, before the chain says so.
    expect(await peers[0]!.push(third)).toMatchObject({
      statusCode: 420,
      statusDesc: expect.stringContaining('REVEALED_SECRET'),
    })

    const slashed = await until('the slash is on chain', async () => {
      const events = await chain.at.MembershipRegistry.getEvents.MemberSlashed({}, { fromBlock: 0n })
      return events.find(({ args }) => args.holder === mallory.account.address)?.args
    })
    expect(slashed).toMatchObject({ slasher: nodes[0]!.node, burned: deposit / 2n, rewarded: deposit / 2n })
    expect(await chain.at.Token.read.balanceOf([nodes[0]!.node])).toBe(deposit / 2n)
    await until('the other node knows', async () => {
      const { statusDesc = '' } = await peers[1]!.push(third)
      return statusDesc.includes('REVEALED_SECRET')
    })
    expect((await nodes[0]!.info()).rln.slashed).toMatchObject([
      { holder: mallory.account.address, state: 'slashed' },
    ])
    expect(await stored(1)).not.toContain('spam 2')
  })
})

describe("a node's own membership", () => {
  const borrow = async (text: string) => {
    const peer = await newLightPeer((await nodes[0]!.info()).multiaddrs[0]!)
    const { statusCode, statusDesc } = await peer.push(newMessage(TOPIC, text))
    await peer.stop()
    return `${statusCode} ${statusDesc}`
  }

  it('is lent again right after a clean stop, and from the next epoch on after kill -9', async () => {
    await withinOneEpoch(30)
    await nodes[0]!.kill()
    nodes[0] = await spawnNode(nodes[0]!)
    expect(await borrow('after a stop')).toBe('200 OK')
    await nodes[0].kill('SIGKILL')
    nodes[0] = await spawnNode(nodes[0])
    expect(await borrow('after a kill')).toMatch(/^504 .*until the next epoch/)
  })
})
