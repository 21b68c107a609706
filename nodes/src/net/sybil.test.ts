import type { WakuMessage } from '@teahouse/protocol/wire'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { relay, type Relay } from '../relay/index.ts'
import { gossipPeers } from './gossip.ts'
import { SCORE_THRESHOLDS } from './gossip-score.ts'
import type { Net } from './host.ts'
import { SILENT, testHost, TOPICS, until } from './test-hosts.ts'

const TOPIC = TOPICS[0]!
/** What the honest accept; everything else is a lie. */
const GOOD = '/toychat/2/huilong/proto'

interface Peer {
  readonly net: Net
  readonly gossip: Relay
  readonly received: number[]
}

let peers: Peer[]
let judgedOfSybil: number

/** A peer that accepts only what is good; a sybil accepts everything, its own lies too. */
async function start(isHonest: boolean): Promise<Peer> {
  const net = await testHost()
  const received: number[] = []
  const gossip = relay()({
    net,
    topics: [TOPIC],
    async validate(_topic, { contentTopic }) {
      if (!isHonest || contentTopic === GOOD) return { result: 'accept', code: 'OK' }
      judgedOfSybil += 1
      return { result: 'reject', code: 'INVALID_PROOF' }
    },
    accepted: async (_topic, { payload }) => void received.push(payload[0]!),
    log: SILENT,
  })
  await net.start()
  await gossip.start()
  const peer = { net, gossip, received }
  peers.push(peer)
  return peer
}

const message = (contentTopic: string, at: number): WakuMessage => ({
  payload: Uint8Array.of(at, ...crypto.getRandomValues(new Uint8Array(8))),
  contentTopic,
})

beforeEach(() => {
  peers = []
  judgedOfSybil = 0
})
afterEach(async () => {
  for (const { net, gossip } of peers) {
    await gossip.stop()
    await net.stop()
  }
})

it('a sybil that floods is no longer listened to, while the messages of the honest arrive', async () => {
  const [first, middle, last] = [await start(true), await start(true), await start(true)]
  const sybil = await start(false)
  for (const { net } of [first, last, sybil]) await net.dial(middle.net.getMultiaddrs())
  await until(() => middle.gossip.peers(TOPIC) === 3 && first.gossip.peers(TOPIC) === 1)
  const score = () => gossipPeers(middle.net.services.pubsub).scoreOf(sybil.net.peerId.toString())

  for (let at = 0; at < 60; at++) {
    await sybil.gossip.publish(TOPIC, message('/lie/1/x/proto', at))
    if (at % 6 === 0) await first.gossip.publish(TOPIC, message(GOOD, at / 6))
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  await until(() => last.received.length === 10)
  expect(last.received.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(score()).toBeLessThan(SCORE_THRESHOLDS.graylistThreshold)
  // A score holds for a heartbeat, so that some more than eleven came in; then nothing did.
  const judged = judgedOfSybil
  expect(judged).toBeLessThan(55)
  for (let at = 0; at < 10; at++) await sybil.gossip.publish(TOPIC, message('/lie/1/x/proto', at))
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(judgedOfSybil).toBe(judged)
  expect(gossipPeers(middle.net.services.pubsub).meshOf(TOPIC)).not.toContain(sybil.net.peerId.toString())

  // Nor is it after it left for a moment.
  await sybil.net.hangUp(middle.net.peerId)
  await sybil.net.dial(middle.net.getMultiaddrs())
  await until(() => middle.gossip.peers(TOPIC) === 3 || score() < 0)
  expect(score()).toBeLessThan(SCORE_THRESHOLDS.graylistThreshold)
})
