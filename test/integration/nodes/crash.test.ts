import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeLeaseAnswer, encodeLeaseRequest, signClaim } from '@teahouse/protocol/lease'
import { rlnIdentifier, type MembershipLedger, type Prover } from '@teahouse/protocol/rln'
import { PROTOCOLS, pubsubTopicOf, type WakuMessage } from '@teahouse/protocol/wire'
import {
  CLUSTER_ID,
  epochNow,
  newLightPeer,
  newMember,
  prepareNode,
  prove,
  readLedger,
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

const TOPIC = '/teahouse-test/1/crash/bytes'
const PUBSUB_TOPIC = pubsubTopicOf(TOPIC, CLUSTER_ID, SHARDS)
const MESSAGES = 4

let chain: TestChain
let prover: Prover
let node: NodeProcess
let alice: TestMember
let ledger: MembershipLedger

beforeAll(async () => {
  chain = await startChain()
  prover = await testProver()
  node = await spawnNode(await prepareNode(chain))
  alice = await newMember(chain, 20)
  ledger = await readLedger(chain)
})

afterAll(async () => {
  await node?.kill()
  await prover?.stop()
  await chain?.stop()
})

const connect = async () => newLightPeer((await node.info()).multiaddrs[0]!)

async function stored(): Promise<string[]> {
  const peer = await connect()
  const { messages } = await peer.query({ pubsubTopic: PUBSUB_TOPIC, contentTopics: [TOPIC] })
  await peer.stop()
  return messages.map(({ message }) => new TextDecoder().decode(message!.payload))
}

/** On a busy machine proofs take longer than messages may be late, so the timestamps lie as far ahead as they may. */
async function proved(messageId: number, text: string, epoch: bigint, by = alice): Promise<WakuMessage> {
  const timestamp = BigInt(Date.now() + 18_000) * 1_000_000n
  const message = { payload: new TextEncoder().encode(text), contentTopic: TOPIC, timestamp }
  return await prove(chain, prover, by, message, { messageId, epoch, ledger })
}

/** Asks for places of one key's list under a nonce of its own; the status of the answer. */
async function lease(peer: LightPeer, epoch: bigint, first: number, end: number): Promise<number> {
  const identifier = rlnIdentifier(chain.chainId, chain.contracts.MembershipRegistry)
  const nonce = new Uint8Array(randomBytes(16))
  const claim = signClaim(identifier, { epoch, first, end, nonce }, new Uint8Array(32).fill(1))
  const request = encodeLeaseRequest({ key: claim.key, epoch, claim })
  return decodeLeaseAnswer(await peer.send(PROTOCOLS.lease, request)).status
}

describe('a node that is killed while messages flow', () => {
  let messages: WakuMessage[]
  let acknowledged: number[]
  let epoch: bigint

  it('has every message that it acknowledged, and takes the others when they are sent again', async () => {
    epoch = epochNow()
    messages = []
    for (let id = 0; id < MESSAGES; id++) messages.push(await proved(id, `message ${id}`, epoch))

    acknowledged = []
    const peer = await connect()
    expect(await lease(peer, epoch + 1n, 0, 3)).toBe(200)
    const pushes = messages.map(async (message, id) => {
      const { statusCode } = await peer.push(message)
      if (statusCode === 200) acknowledged.push(id)
    })
    const settled = Promise.allSettled(pushes)
    await until('some are acknowledged', async () => acknowledged.length >= 1, 30_000, 1)
    await node.kill('SIGKILL')
    await settled
    await peer.stop()

    node = await spawnNode(node)
    const texts = await stored()
    for (const id of acknowledged) expect(texts).toContain(`message ${id}`)

    const again = await connect()
    for (const message of messages) expect(await again.push(message)).toMatchObject({ statusCode: 200 })
    await again.stop()
    expect((await stored()).sort()).toEqual(messages.map((_, id) => `message ${id}`))
  })

  it('grants no message id that it granted before the crash', async () => {
    const peer = await connect()
    expect(await lease(peer, epoch + 1n, 2, 4)).toBe(409)
    expect(await lease(peer, epoch + 1n, 3, 4)).toBe(200)
    await peer.stop()
  })

  it('still catches who uses a slot of before the crash again', async () => {
    const peer = await connect()
    const answer = await peer.push(await proved(0, 'another message in slot 0', epoch))
    await peer.stop()
    expect(answer.statusDesc).toContain('RATE_EXCEEDED')
    await until('the chain slashed', () => slashed(alice))
  })

  it('goes on with a slash that it had only begun', async () => {
    const mallory = await newMember(chain, 3)
    ledger = await readLedger(chain)
    const now = epochNow()
    const spam = [await proved(0, 'one', now, mallory), await proved(0, 'two', now, mallory)]
    const peer = await connect()
    for (const message of spam) await peer.push(message)
    await node.kill('SIGKILL')
    await peer.stop()
    expect(await slashed(mallory)).toBe(false)
    node = await spawnNode(node)
    await until('the chain slashed', () => slashed(mallory))
  })
})

describe('a message that was kept before a crash and reached nobody', () => {
  it('reaches the other nodes when it is pushed again', async () => {
    const bob = await newMember(chain, 3)
    ledger = await readLedger(chain)
    const message = await proved(0, 'kept before the crash', epochNow(), bob)
    const alone = await connect()
    expect(await alone.push(message)).toMatchObject({ statusCode: 200 })
    await node.kill('SIGKILL')
    await alone.stop()

    const [restarted, other] = await Promise.all([spawnNode(node), spawnNode(await prepareNode(chain))])
    node = restarted
    const [{ peerId }, { multiaddrs }] = [await node.info(), await other.info()]
    await until('the nodes found each other', async () => (await other.info()).peers.includes(peerId))
    const there = await newLightPeer(multiaddrs[0]!)
    const arrived = async () => {
      const { messages } = await there.query({ pubsubTopic: PUBSUB_TOPIC, contentTopics: [TOPIC] })
      return messages.some(
        ({ message: found }) => new TextDecoder().decode(found!.payload) === 'kept before the crash',
      )
    }
    expect(await arrived()).toBe(false)
    const again = await connect()
    expect(await again.push(message)).toMatchObject({ statusCode: 200, statusDesc: 'DUPLICATE' })
    await until('the other node has it', arrived)
    await Promise.all([again.stop(), there.stop()])
    await other.kill()
  })
})

async function slashed({ account }: TestMember): Promise<boolean> {
  const events = await chain.at.MembershipRegistry.getEvents.MemberSlashed({}, { fromBlock: 0n })
  return events.some(({ args }) => args.holder === account.address)
}
