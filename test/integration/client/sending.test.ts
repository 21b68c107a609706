import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountFromPhrase, type Account, type Client, type ReceivedMessage } from '@teahouse/client'
import { pubsubTopicOf, WakuMessage } from '@teahouse/protocol/wire'
import { newLightPeer, spawnNode, until } from '../../support/index.ts'
import { bytes, startNetwork, text, type TestNetwork } from './network.ts'

const TOPIC = '/teahouse-test/1/client/utf8'
const EPOCH_SECONDS = 12
const FREE = { payments: { freeQuota: 1_000 } }

let net: TestNetwork
let alice: { account: Account; dir: string }
let client: Client

beforeAll(async () => {
  net = await startNetwork({ epochSeconds: EPOCH_SECONDS, nodes: [FREE, FREE] })
  alice = await net.person()
  client = await net.client(alice)
  await client.membership.join({ rateLimit: 3 })
})
afterAll(() => net?.stop())

const operator = (at: number) => net.nodes[at]!.operatorId

/** Waits until the next epoch has begun. */
async function nextEpoch(): Promise<void> {
  const ms = EPOCH_SECONDS * 1_000
  await sleep(ms - (Date.now() % ms) + 100)
}

describe('a member', () => {
  it('sends by one node; others listen at and read from another', async () => {
    const bob = await net.client(await net.person())
    const subscription = bob.listen({ contentTopic: TOPIC, node: operator(1) })
    expect(await subscription.ready).toBe(net.network.nodes[1]!.peerId)
    const heard = (async (): Promise<ReceivedMessage | undefined> => {
      for await (const message of subscription) return message
      return undefined
    })()

    const sent = await client.send({ contentTopic: TOPIC, payload: bytes('hello'), node: operator(0) })
    expect(sent).toMatchObject({ peerId: net.network.nodes[0]!.peerId, relayPeers: 1 })
    expect(await heard).toMatchObject({ messageHash: sent.messageHash, payload: bytes('hello') })
    await until('the other node has it', async () => {
      const { messages, peerId } = await bob.history({ contentTopic: TOPIC, node: operator(1) })
      expect(peerId).toBe(net.network.nodes[1]!.peerId)
      return messages.some(({ messageHash }) => messageHash === sent.messageHash)
    })
  })

  it('sends with a slot of idle time: no proof runs between the draft and the node that takes it', async () => {
    await nextEpoch()
    await client.proving.prepare({ slots: 1 })
    const before = await client.proving.counts()
    const sent = await client.send({ contentTopic: TOPIC, payload: bytes('ready'), node: operator(0) })
    expect(sent).toMatchObject({ proof: 'slot', relayPeers: 1 })
    expect(await client.proving.counts()).toEqual({ ...before, finished: before.finished + 1 })
    await until('the other node has verified and kept it', async () => {
      const { messages } = await client.history({ contentTopic: TOPIC, node: operator(1) })
      return messages.some(({ messageHash }) => messageHash === sent.messageHash)
    })
  })

  it('may send as much as it paid for, and no more in one epoch', async () => {
    await nextEpoch()
    const dave = await net.client(await net.person())
    await dave.membership.join({ rateLimit: 1 })
    await dave.send({ contentTopic: TOPIC, payload: bytes('my only one') })
    const again = dave.send({ contentTopic: TOPIC, payload: bytes('one more') })
    await expect(again).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })

  it('keeps a message that no node takes, and sends the very same bytes later, once', async () => {
    await nextEpoch()
    await client.proving.prepare({ slots: 1 })
    await net.nodes[0]!.kill('SIGKILL')
    const sending = client.send({ contentTopic: TOPIC, payload: bytes('kept'), node: operator(0) })
    await expect(sending).rejects.toMatchObject({ code: 'NOT_SENT' })
    const [messageHash] = await client.outbox.pending()
    const folder = await readdir(alice.dir)
    const file = await readFile(
      join(
        alice.dir,
        folder.find((name) => name.startsWith('outbox'))!,
      ),
      'utf8',
    )
    const proved = file.trim().split(' ').at(-1)

    net.nodes[0] = await spawnNode(net.nodes[0]!)
    const restarted = await net.client(alice) // as after a restart of the client
    expect(await restarted.outbox.resend(messageHash!, { node: operator(0) })).toMatchObject({ messageHash })
    expect(await restarted.outbox.pending()).toEqual([])
    await expect(restarted.outbox.resend(messageHash!)).rejects.toMatchObject({ code: 'NOT_IN_OUTBOX' })

    const reader = await newLightPeer((await net.nodes[0].info()).multiaddrs[0]!)
    const pubsubTopic = pubsubTopicOf(TOPIC, net.network.clusterId, net.network.shards)
    const found = await until('the node has it', async () => {
      const { messages } = await reader.query({ pubsubTopic, contentTopics: [TOPIC] })
      const kept = messages.filter(({ message }) => text(message!.payload) === 'kept')
      return kept.length > 0 && kept
    })
    await reader.stop()
    expect(
      found.map(({ message }) => `0x${Buffer.from(WakuMessage.encode(message!)).toString('hex')}`),
    ).toEqual([proved])
  })

  it('finds another node by itself when one is away, to send and to listen', async () => {
    await nextEpoch()
    await client.proving.prepare({ slots: 1 }) // has leased an id: of two nodes, both are needed for that
    const bob = await net.client(await net.person())
    const subscription = bob.listen({ contentTopic: TOPIC })
    const first = await subscription.ready
    const lost = net.network.nodes.findIndex(({ peerId }) => peerId === first)
    await net.nodes[lost]!.kill('SIGKILL')

    const heard = until(
      'the message arrives',
      async () => (await subscription[Symbol.asyncIterator]().next()).value,
    )
    const { peerId } = await client.send({ contentTopic: TOPIC, payload: bytes('failover') })
    expect(peerId).toBe(net.network.nodes[1 - lost]!.peerId)
    expect(await heard).toMatchObject({ payload: bytes('failover') })
    subscription.stop()
    net.nodes[lost] = await spawnNode(net.nodes[lost]!)
  })

  it('from a restored account at once, and from a folder whose older state was put back: no id comes twice', async () => {
    await nextEpoch()
    const slots: string[] = []
    const send = async (from: Client, payload: string) => {
      const { epoch, messageId } = await from.send({ contentTopic: TOPIC, payload: bytes(payload) })
      slots.push(`${epoch} ${messageId}`)
    }
    const name = (await readdir(alice.dir)).find((file) => file.startsWith('message-ids'))!
    const backup = await readFile(join(alice.dir, name))
    await send(client, 'after the backup')
    await writeFile(join(alice.dir, name), backup)
    await send(await net.client(alice), 'after it was put back')
    const restored = await net.client({
      account: accountFromPhrase(alice.account.phrase),
      dir: await mkdtemp(join(tmpdir(), 'teahouse-restored-')),
    })
    await send(restored, 'from the second device')
    expect(new Set(slots).size).toBe(3)
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'an account without membership', contentTopic: TOPIC, size: 1, code: 'NOT_A_MEMBER' },
    { given: 'an ill-formed topic', contentTopic: 'tea', size: 1, code: 'INVALID_TOPIC' },
    { given: 'a message over the limit', contentTopic: TOPIC, size: 151 * 1024, code: 'MESSAGE_TOO_LARGE' },
  ])('$given: $code', async ({ contentTopic, size, code }) => {
    const stranger = await net.client(await net.person())
    await expect(stranger.send({ contentTopic, payload: new Uint8Array(size) })).rejects.toMatchObject({
      code,
    })
  })

  it('a node that is not on chain', async () => {
    const asking = client.history({ contentTopic: TOPIC, node: 999 })
    await expect(asking).rejects.toMatchObject({ code: 'UNKNOWN_NODE' })
  })

  it('no honest member was slashed, and no slot was used twice', async () => {
    for (const node of net.nodes) {
      const { rln } = await node.info()
      expect(rln.slashed).toEqual([])
      expect(rln.ignored).not.toHaveProperty('RATE_EXCEEDED')
    }
  })
})
