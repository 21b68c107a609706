import { encodeMessage, PROTOCOLS, type WakuMessage } from '@teahouse/protocol/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gossipPeers, type Net, type Validate } from '../net/index.ts'
import { SILENT, testHost, TOPICS, until } from '../net/test-hosts.ts'
import { forwarding, type Forwarding } from './forwarding.ts'
import { relay, type Relay } from './relay.ts'

const TOPIC = TOPICS[3] ?? ''
const MESSAGE: WakuMessage = {
  payload: Uint8Array.of(1),
  contentTopic: '/toychat/2/huilong/proto',
  timestamp: 5n,
}

interface Node {
  net: Net
  relay: Relay
  upload: Forwarding
  accepted: WakuMessage[]
  judged: number
}

/** Three nodes in a row: the outer two know only the middle one. */
let nodes: [Node, Node, Node]
let verdict: Awaited<ReturnType<Validate>>
let keepFails: boolean

async function start(): Promise<Node> {
  const net = await testHost()
  const upload = forwarding()
  const node: Node = { net, upload, accepted: [], judged: 0, relay: undefined as never }
  node.relay = relay()({
    net,
    topics: TOPICS,
    validate: async () => {
      node.judged += 1
      return verdict
    },
    accepted: async (_topic, message) => {
      if (keepFails) throw new Error('disk full')
      node.accepted.push(message)
    },
    forwarding: upload,
    log: SILENT,
  })
  await net.start()
  await node.relay.start()
  return node
}

beforeEach(async () => {
  verdict = { result: 'accept', code: 'OK' }
  keepFails = false
  nodes = [await start(), await start(), await start()]
  const [first, middle, last] = nodes
  await first.net.dial(middle.net.getMultiaddrs())
  await last.net.dial(middle.net.getMultiaddrs())
  await until(() => middle.relay.peers(TOPIC) === 2 && first.relay.peers(TOPIC) === 1)
})
afterEach(async () => {
  for (const node of nodes) await node.relay.stop()
  for (const { net } of nodes) await net.stop()
})
const settle = () => new Promise((resolve) => setTimeout(resolve, 1_500))

describe('relay', () => {
  it('carries a message over a node in the middle, once', async () => {
    const [first, middle, last] = nodes
    await settle() // meshes are formed at heartbeats, once a second
    expect(await first.relay.publish(TOPIC, MESSAGE)).toEqual({ peers: 1, seen: false })
    await until(() => last.accepted.length === 1)
    expect(last.accepted[0]).toEqual(MESSAGE)
    expect(await first.relay.publish(TOPIC, MESSAGE)).toEqual({ peers: 0, seen: true })
    await settle()
    expect([first.judged, middle.judged, last.judged]).toEqual([0, 1, 1])
  })

  it('sends at a later try what nobody was there to take', async () => {
    const lone = await start()
    expect(await lone.relay.publish(TOPIC, MESSAGE)).toEqual({ peers: 0, seen: false })
    const [first] = nodes
    await lone.net.dial(first.net.getMultiaddrs())
    await until(() => lone.relay.peers(TOPIC) === 1)
    expect(await lone.relay.publish(TOPIC, MESSAGE)).toEqual({ peers: 1, seen: false })
    await until(() => first.accepted.length === 1)
    await lone.net.stop()
  })

  it('leaves its topics when it stops, speaks the protocol no more, and starts again among the same peers', async () => {
    const [first, middle, last] = nodes
    await settle()
    const order: unknown[] = []
    const { pubsub } = middle.net.services
    const unsubscribe = pubsub.unsubscribe.bind(pubsub)
    pubsub.unsubscribe = (topic) => {
      order.push(pubsub.topicValidators.has(topic))
      unsubscribe(topic)
    }
    await middle.relay.stop()
    expect(order).toEqual(TOPICS.map(() => true))
    expect(middle.net.getProtocols()).not.toContain(PROTOCOLS.relay)
    await until(() => first.relay.peers(TOPIC) === 0)
    await first.relay.publish(TOPIC, MESSAGE)
    expect([middle.judged, middle.accepted, last.judged]).toEqual([0, [], 0])

    await middle.relay.start()
    await until(() => first.relay.peers(TOPIC) === 1 && middle.relay.peers(TOPIC) === 2)
    await settle()
    await first.relay.publish(TOPIC, { ...MESSAGE, payload: Uint8Array.of(2) })
    await until(() => last.accepted.length === 1)
  })

  it('keeps what it has no upload to send on, and blames nobody', async () => {
    const [first, middle, last] = nodes
    await settle()
    middle.upload.setUpload(1)
    for (const at of [1, 2, 3])
      await first.relay.publish(TOPIC, { ...MESSAGE, payload: new Uint8Array(100).fill(at) })
    await until(() => middle.accepted.length === 3)
    await settle()
    expect(last.accepted.length).toBeLessThan(2)
    expect(middle.upload.dropped.lasting).toBeGreaterThan(1)
    expect(
      gossipPeers(middle.net.services.pubsub).scoreOf(first.net.peerId.toString()),
    ).toBeGreaterThanOrEqual(0)
  })

  it('sends no author, number or signature', async () => {
    const [first, middle] = nodes
    const types: string[] = []
    middle.net.services.pubsub.addEventListener('message', ({ detail }) => types.push(detail.type))
    await first.relay.publish(TOPIC, MESSAGE)
    await until(() => types.length === 1)
    expect(types).toEqual(['unsigned'])
  })

  it('takes the good copy of a message after a spoiled one', async () => {
    const [first, middle] = nodes
    verdict = { result: 'reject', code: 'INVALID_PROOF' }
    await first.relay.publish(TOPIC, { ...MESSAGE, ephemeral: true })
    await first.relay.publish(TOPICS[4] ?? '', MESSAGE)
    await until(() => middle.judged === 2)
    verdict = { result: 'accept', code: 'OK' }
    await first.relay.publish(TOPIC, MESSAGE)
    await until(() => middle.accepted.length === 1)
  })
})

describe('when it must refuse', () => {
  it.each([
    { result: 'ignore', code: 'EPOCH_OUT_OF_WINDOW', blamed: false },
    { result: 'reject', code: 'INVALID_PROOF', blamed: true },
  ] as const)('$result: it neither keeps nor forwards', async ({ result, code, blamed }) => {
    const [first, middle, last] = nodes
    verdict = { result, code }
    await settle()
    await first.relay.publish(TOPIC, MESSAGE)
    await until(() => middle.judged === 1)
    await settle()
    expect([middle.accepted, last.accepted, last.judged]).toEqual([[], [], 0])
    const score = (middle.net.services.pubsub as unknown as { score: { score(id: string): number } }).score
    expect(score.score(first.net.peerId.toString()) < 0).toBe(blamed)
  })

  it('bytes that are no message: not validated, not forwarded', async () => {
    const [first, middle, last] = nodes
    await settle()
    await first.net.services.pubsub.publish(TOPIC, new Uint8Array(20).fill(0xff))
    await first.net.services.pubsub.publish(TOPIC, encodeMessage(MESSAGE))
    await until(() => last.accepted.length === 1)
    expect([middle.judged, last.judged]).toEqual([1, 1])
  })

  it('a message over 150 KiB', async () => {
    const [first, middle] = nodes
    await first.net.services.pubsub.publish(TOPIC, new Uint8Array(151 * 1024))
    await first.relay.publish(TOPIC, MESSAGE)
    await until(() => middle.accepted.length === 1)
    expect(middle.judged).toBe(1)
    await expect(
      first.relay.publish(TOPIC, { ...MESSAGE, payload: new Uint8Array(151 * 1024) }),
    ).rejects.toMatchObject({
      code: 'TOO_LARGE',
    })
  })

  it('what it cannot keep: not forwarded', async () => {
    const [first, middle, last] = nodes
    keepFails = true
    await settle()
    await first.relay.publish(TOPIC, MESSAGE)
    await until(() => middle.judged === 1)
    await settle()
    expect(last.judged).toBe(0)
  })
})
