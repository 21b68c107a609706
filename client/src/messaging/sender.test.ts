import {
  encodeRateLimitProof,
  identityFromSecret,
  membershipTree,
  type RlnProof,
  type Slot,
} from '@teahouse/protocol/rln'
import { decodeMessage, encodeMessage, type WakuMessage } from '@teahouse/protocol/wire'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Account } from '../account/account.ts'
import type { RecentView } from '../membership/view.ts'
import type { Membership } from '../membership/membership.ts'
import type { Directory } from '../net/directory.ts'
import { memoryStore } from '../storage/store.ts'
import { NetError } from '../net/errors.ts'
import { PushError } from './errors.ts'
import { outbox } from './outbox.ts'
import { createSender } from './sender.ts'

const DRAFT = { contentTopic: '/teahouse-test/1/sender/utf8', payload: Uint8Array.of(1, 2, 3) }
const EPOCH_SECONDS = 60
const POINT = [1n, 2n] as const
const G2 = [
  [
    10857046999023057135944570762232829481370756359578518086990519993285655852781n,
    11559732032986387107991004021392285783925812861821192530917403151452391805634n,
  ],
  [
    8495653923123431417604973247489272438418190587263600148770280649306958101930n,
    4082367875863433681332203403145435568316851327593401208105741076214120093531n,
  ],
] as const

let steps: string[]
let sent: Uint8Array[]
/** What each node answered, and what else went wrong in the end. */
let refusals: PushError[]
let fail: Error | undefined
let now: number
let usualMs: number
let storage: ReturnType<typeof memoryStore>

beforeEach(() => {
  steps = []
  sent = []
  refusals = []
  fail = undefined
  now = 1_800_000_000_000
  usualMs = 0
  storage = memoryStore()
})

function sender({ member = true, slot = {} } = {}) {
  const waiting = outbox(storage, 's')
  const proof: RlnProof = {
    proof: { a: POINT, b: G2, c: POINT },
    y: 1n,
    root: 2n,
    nullifier: 3n,
    x: 4n,
    externalNullifier: 5n,
  }
  return createSender({
    account: { rln: identityFromSecret(7n) } as Account,
    network: { clusterId: 1984, shards: 8 },
    membership: {
      activeIn: () => (member ? { index: 0, rateLimit: 5 } : undefined),
    } as unknown as Membership,
    ledgerView: {
      params: async () => ({ epochSeconds: EPOCH_SECONDS, identifier: new Uint8Array(32) }),
      update: async () => (steps.push('look at the members'), membershipTree()),
      recent: async () => membershipTree(),
    } as unknown as RecentView,
    slots: {
      async permit(context, refresh) {
        const refreshed = 'slot' in slot ? undefined : await refresh!()
        steps.push('take an id')
        return { epoch: context.epochNow(), messageId: 2, ...slot, ...(refreshed && { refreshed }) }
      },
    },
    ids: { left: () => 3 },
    waiting: { ...waiting, put: (message) => (steps.push('keep'), waiting.put(message)) },
    directory: { candidates: async () => [] } as unknown as Directory,
    async publish(message: WakuMessage, { onRefused } = {}) {
      steps.push('publish')
      sent.push(encodeMessage(message))
      for (const words of refusals) onRefused?.(words)
      if (fail ?? refusals.at(-1)) throw fail ?? refusals.at(-1)
      return { peerId: 'node', relayPeers: 2, paid: 0n }
    },
    proving: {
      usualMs: async () => usualMs,
      async prove(message, { slot }) {
        steps.push(slot ? 'finish' : 'prove')
        const rateLimitProof = encodeRateLimitProof(proof, new Uint8Array(32), new Uint8Array(32))
        return { message: { ...message, rateLimitProof }, path: slot ? 'slot' : 'cached', tookMs: 12 }
      },
    },
    now: () => now,
  })
}

const refusal = (description: string, peerId = 'node') =>
  new PushError('no', { code: 'INVALID_MESSAGE', status: 420, description, peerId })
const unreachable = new NetError('gone', { code: 'UNREACHABLE', peerId: 'c' })

describe('sending', () => {
  it('looks at the members and takes an id, then proves, keeps, and publishes', async () => {
    const result = await sender().send(DRAFT)
    expect(steps).toEqual(['look at the members', 'take an id', 'prove', 'keep', 'publish'])
    expect(result).toMatchObject({ peerId: 'node', relayPeers: 2, messageId: 2, left: 3, epoch: 30_000_000n })
    expect(await sender().pending()).toEqual([])
  })

  it('finishes a slot instead, without another look, and dates the message now', async () => {
    usualMs = 4_000
    const result = await sender({ slot: { slot: {} as Slot } }).send(DRAFT)
    expect(steps).toEqual(['take an id', 'finish', 'keep', 'publish'])
    expect(result).toMatchObject({ proof: 'slot', provedInMs: 12 })
    expect(decodeMessage(sent.at(-1)).timestamp! / 1_000_000n).toBe(BigInt(now))
  })

  it('dates a message when its proof will be done, within what nodes take', async () => {
    for (const [usual, ahead] of [
      [4_000, 4_000],
      [60_000, 10_000],
    ] as const) {
      usualMs = usual
      await sender().send(DRAFT)
      expect(decodeMessage(sent.at(-1)).timestamp! / 1_000_000n).toBe(BigInt(now + ahead))
    }
  })

  it('gives two equal messages of one moment two hashes', async () => {
    const one = sender()
    const [first, second] = [await one.send(DRAFT), await one.send(DRAFT)]
    expect(first.messageHash).not.toBe(second.messageHash)
  })

  it('sends the very same bytes again, without a new id or proof, also after a restart', async () => {
    refusals = [refusal('for a while')]
    await expect(sender().send(DRAFT)).rejects.toMatchObject({ code: 'NOT_SENT' })
    refusals = []
    steps = []
    const [messageHash] = await sender().pending()
    expect(await sender().resend(messageHash!)).toMatchObject({ messageHash, messageId: 2 })
    expect(steps).toEqual(['publish'])
    expect(sent[1]).toEqual(sent[0])
    expect(await sender().pending()).toEqual([])
  })
})

describe('when it must refuse', () => {
  it('an account without membership, before an id is taken', async () => {
    await expect(sender({ member: false }).send(DRAFT)).rejects.toMatchObject({ code: 'NOT_A_MEMBER' })
    expect(steps).toEqual(['look at the members'])
  })

  it('a message over the limit, before an id is taken', async () => {
    const payload = new Uint8Array(150 * 1024)
    await expect(sender().send({ ...DRAFT, payload })).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' })
    expect(steps).toEqual([])
  })

  it.each(['TIMESTAMP_OUT_OF_WINDOW', 'EPOCH_OUT_OF_WINDOW', 'EXPIRED_ROOT'])(
    'to keep what will never be taken: %s',
    async (verdict) => {
      refusals = ['a', 'b'].map((peerId) => refusal(`INVALID_MESSAGE: ${verdict}`, peerId))
      await expect(sender().send(DRAFT)).rejects.toMatchObject({ code: 'EXPIRED' })
      expect(await sender().pending()).toEqual([])
    },
  )

  it('to give up a message on the word of one node among others', async () => {
    const stale = refusal('TIMESTAMP_OUT_OF_WINDOW', 'liar')
    for (const words of [
      [stale, refusal('INTERNAL', 'b')],
      [refusal('INTERNAL', 'b'), stale],
    ]) {
      refusals = words
      await expect(sender().send(DRAFT)).rejects.toMatchObject({ code: 'NOT_SENT' })
    }
    refusals = []
    fail = unreachable
    await expect(sender().send(DRAFT)).rejects.toMatchObject({ code: 'NOT_SENT' })
    expect(await sender().pending()).toHaveLength(3)
  })

  it('to hide what was paid for nothing', async () => {
    fail = Object.assign(unreachable, { detail: { ...unreachable.detail, paid: 5n } })
    await expect(sender().send(DRAFT)).rejects.toMatchObject({ detail: { code: 'NOT_SENT', paid: 5n } })
  })

  it('to send again after the epochs in which nodes take it', async () => {
    refusals = [refusal('for a while')]
    await expect(sender().send(DRAFT)).rejects.toMatchObject({ code: 'NOT_SENT' })
    const [messageHash] = await sender().pending()
    now += 2 * EPOCH_SECONDS * 1_000
    await expect(sender().resend(messageHash!)).rejects.toMatchObject({ code: 'EXPIRED' })
    await expect(sender().resend(messageHash!)).rejects.toMatchObject({ code: 'NOT_IN_OUTBOX' })
    expect(sent).toHaveLength(1)
  })
})
