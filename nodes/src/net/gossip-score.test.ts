import { PeerScore } from '@libp2p/gossipsub/score'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keepScores, SCORE_THRESHOLDS, scoreParams } from './gossip-score.ts'
import { TOPICS } from './test-hosts.ts'

const PEER = 'peer'
const TOPIC = TOPICS[0]!
const MINUTE = 60_000
const { gossipThreshold, publishThreshold, graylistThreshold } = SCORE_THRESHOLDS

const quiet = Object.assign(() => undefined, { error: () => undefined, trace: () => undefined })
const LOGGER = { forComponent: () => quiet } as never

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** The library's own score of one peer, and time that passes. */
function scored(topics = TOPICS, isOperator = false) {
  const params = scoreParams(topics, () => isOperator)
  const book = new PeerScore(params, null, LOGGER, { scoreCacheValidityMs: 0 })
  keepScores(book)
  book.addPeer(PEER)
  return {
    book,
    score: () => book.score(PEER),
    pass(ms: number) {
      for (let at = 0; at < ms; at += params.decayInterval) {
        vi.advanceTimersByTime(params.decayInterval)
        book.refreshScores()
      }
    },
    invalid(count: number, topic = TOPIC) {
      for (let at = 0; at < count; at++) book.rejectInvalidMessage(PEER, topic)
    },
    /** In the mesh of all topics for long, and first with many messages in each. */
    befriend() {
      for (const topic of topics) {
        book.graft(PEER, topic)
        for (let at = 0; at < 100; at++) book.markFirstMessageDelivery(PEER, topic)
      }
      vi.advanceTimersByTime(30 * MINUTE)
      for (const peer of book.peerStats.values())
        for (const stats of Object.values(peer.topics)) stats.meshTime = 30 * MINUTE
    },
  }
}

describe('invalid messages of a stranger', () => {
  it.each([
    { count: 3, below: 0, what: 'out of the mesh' },
    { count: 4, below: gossipThreshold, what: 'told of no messages' },
    { count: 7, below: publishThreshold, what: 'sent none' },
    { count: 11, below: graylistThreshold, what: 'not listened to' },
  ])('$count in a burst: $what', ({ count, below }) => {
    const { invalid, score } = scored()
    invalid(count - 1)
    if (count > 3) expect(score()).toBeGreaterThanOrEqual(below)
    invalid(1)
    expect(score()).toBeLessThan(below)
  })

  it('one a minute for an hour, as by an honest peer of another version: nothing but the mesh', () => {
    const { invalid, score, pass } = scored()
    for (let minute = 0; minute < 60; minute++) {
      invalid(1)
      expect(score()).toBeGreaterThan(gossipThreshold)
      pass(MINUTE)
    }
  })

  it.each([
    { count: 11, minutes: 1 },
    { count: 100, minutes: 4 },
    { count: 1_000, minutes: 7 },
  ])('$count are forgiven within $minutes minutes and not before half of that', ({ count, minutes }) => {
    const { invalid, score, pass } = scored()
    invalid(count)
    pass((minutes * MINUTE) / 2)
    if (count > 20) expect(score()).toBeLessThan(graylistThreshold)
    pass((minutes * MINUTE) / 2)
    expect(score()).toBeGreaterThan(graylistThreshold)
  })

  it('are not forgiven by leaving and coming back', () => {
    const { book, invalid, score, pass } = scored()
    invalid(11)
    book.removePeer(PEER)
    pass(5 * MINUTE)
    book.addPeer(PEER)
    expect(score()).toBeLessThan(graylistThreshold)
  })

  it('spread over all shards, 29 of them are enough', () => {
    const { invalid, score } = scored()
    for (let at = 0; at < 29; at++) invalid(1, TOPICS[at % TOPICS.length])
    expect(score()).toBeLessThan(graylistThreshold)
  })
})

describe('what a peer has earned', () => {
  it.each([1, 8, 64])('is at most 25, operator included, with %i shards', (count) => {
    const topics = Array.from({ length: count }, (_, shard) => `/waku/2/rs/1/${shard}`)
    const { befriend, score } = scored(topics, true)
    befriend()
    expect(score()).toBeCloseTo(25)
  })

  it('outweighs one invalid message and not two', () => {
    const { befriend, invalid, score } = scored(TOPICS, true)
    befriend()
    invalid(1)
    expect(score()).toBeGreaterThan(0)
    invalid(1)
    expect(score()).toBeLessThan(0)
  })

  it('delays being graylisted by no more than one invalid message', () => {
    const { befriend, invalid, score } = scored(TOPICS, true)
    befriend()
    invalid(11)
    expect(score()).toBeLessThan(graylistThreshold)
  })

  it('does not turn an operator that sends invalid messages into a friend', () => {
    const { invalid, score } = scored(TOPICS, true)
    invalid(1)
    expect(score()).toBeLessThan(0)
  })
})

describe('silence', () => {
  it('costs nothing, in the mesh or out of it', () => {
    const { book, score, pass } = scored()
    for (const topic of TOPICS) book.graft(PEER, topic)
    pass(60 * MINUTE)
    expect(score()).toBeGreaterThan(0)
    for (const topic of TOPICS) book.prune(PEER, topic)
    pass(MINUTE)
    expect(score()).toBeGreaterThanOrEqual(0)
  })
})

describe('peers on one address', () => {
  const crowd = (count: number, ip: string) => {
    const { book, score } = scored()
    book.addIP(PEER, ip)
    for (let at = 1; at < count; at++) {
      book.addPeer(`peer ${at}`)
      book.addIP(`peer ${at}`, ip)
    }
    return score()
  }
  it.each([
    { count: 8, least: 0 },
    { count: 9, least: gossipThreshold },
  ])('$count are borne', ({ count, least }) => {
    expect(crowd(count, '203.0.113.7')).toBeGreaterThanOrEqual(least)
  })
  it('19 are none of them listened to; on loopback any number is', () => {
    expect(crowd(19, '203.0.113.7')).toBeLessThan(graylistThreshold)
    expect(crowd(100, '127.0.0.1')).toBe(0)
  })
})

describe('slips of the protocol', () => {
  it('of a peer that was just started again cost nothing; 33 at once and it is not listened to', () => {
    const { book, score } = scored()
    book.addPenalty(PEER, 2 * TOPICS.length + 6, 'graft_backoff' as never)
    expect(score()).toBe(0)
    book.addPenalty(PEER, 11, 'graft_backoff' as never)
    expect(score()).toBeLessThan(graylistThreshold)
  })
})
