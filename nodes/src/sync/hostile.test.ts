import { PROTOCOLS, readFrame, WakuMessageAndTopic, writeFrame } from '@teahouse/protocol/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Net } from '../net/index.ts'
import { open, testHost, TOPICS, until } from '../net/test-hosts.ts'
import { message, TOPIC } from '../store/testing/archives.ts'
import { encodePayload, startOf, type SyncRange } from './payload.ts'
import { cutOffs, newSides, type Side, type Sides } from './testing/sides.ts'
import { fill, numbered, numbers, WINDOW } from './testing/sets.ts'

let sides: Sides
let one: Side

beforeEach(async () => {
  sides = newSides()
  one = await sides.add()
})
afterEach(() => sides.destroy())

/** Bytes of a payload with these ranges. */
const payload = (...ranges: SyncRange[]) => encodePayload({ pubsubTopics: TOPICS, contentTopics: [], ranges })
const whole = { from: startOf(WINDOW.since), to: startOf(WINDOW.until) }
const transferOf = (n: number, pubsubTopic = TOPIC) =>
  WakuMessageAndTopic.encode({ pubsubTopic, message: numbered(n) })

describe('a peer that does not keep to the rules', () => {
  let hostile: Net

  beforeEach(async () => {
    hostile = await testHost()
    await hostile.start()
    sides.allowed.add(hostile.peerId.toString())
    await fill(one.archive, numbers(0, 200))
  })
  afterEach(() => hostile.stop())

  async function expectCutOff(fault: string): Promise<void> {
    await until(() => one.sync.isAvoided(hostile.peerId.toString()))
    expect(cutOffs(one)).toHaveLength(1)
    expect(cutOffs(one)[0]).toContain(fault)
    // It is not answered any more.
    const again = await open(hostile, one.net, PROTOCOLS.reconciliation)
    await until(() => again.status !== 'open')
  }

  it('is cut off for bytes that are no payload', async () => {
    const stream = await open(hostile, one.net, PROTOCOLS.reconciliation)
    await writeFrame(stream, Uint8Array.of(9, 9, 9, 9))
    await expectCutOff('MALFORMED')
  })

  it('is cut off for a frame over the limit', async () => {
    const stream = await open(hostile, one.net, PROTOCOLS.reconciliation)
    stream.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f))
    await expectCutOff('TOO_MUCH')
  })

  it('is cut off for rounds without end', async () => {
    const stream = await open(hostile, one.net, PROTOCOLS.reconciliation)
    const lie: SyncRange = { ...whole, type: 'fingerprint', fingerprint: new Uint8Array(32).fill(1) }
    const writing = (async () => {
      for (let round = 0; round < 40; round++) await writeFrame(stream, payload(lie))
    })()
    await expectCutOff('TOO_MUCH')
    await writing.catch(() => undefined)
  })

  it('is cut off for leaving the times that were asked for', async () => {
    await hostile.handle(PROTOCOLS.reconciliation, (stream) => {
      const wider: SyncRange = {
        from: startOf(0n),
        to: whole.to,
        type: 'items',
        items: [],
        reconciled: false,
      }
      void writeFrame(stream, payload(wider))
    })
    await one.net.dial(hostile.getMultiaddrs())
    await expect(one.sync.syncWith(hostile.peerId, WINDOW)).rejects.toMatchObject({ code: 'MALFORMED' })
    await expectCutOff('MALFORMED')
  })

  it('is cut off for messages without a session', async () => {
    const stream = await open(hostile, one.net, PROTOCOLS.transfer)
    await writeFrame(stream, transferOf(1_000))
    await expectCutOff('UNWANTED')
    expect((await one.archive.totals()).messages).toBe(200)
  })

  it.each([
    { what: 'a message where it was told nothing', frame: () => transferOf(6_000), fault: 'NOT_ASKED' },
    {
      what: 'an ephemeral message',
      frame: () =>
        WakuMessageAndTopic.encode({ pubsubTopic: TOPIC, message: { ...numbered(1), ephemeral: true } }),
      fault: 'NOT_ASKED',
    },
    {
      what: 'one without a time',
      frame: () =>
        WakuMessageAndTopic.encode({ pubsubTopic: TOPIC, message: message({ timestamp: undefined }) }),
      fault: 'NOT_ASKED',
    },
    { what: 'bytes that are no message', frame: () => Uint8Array.of(0xff, 0xff), fault: 'MALFORMED' },
  ])('is cut off for $what, and nothing of it is kept', async ({ frame, fault }) => {
    const stream = await open(hostile, one.net, PROTOCOLS.reconciliation)
    const first = { from: whole.from, to: startOf(numbered(10).timestamp!) }
    await writeFrame(stream, payload({ ...first, type: 'items', items: [], reconciled: false }))
    const transfer = await open(hostile, one.net, PROTOCOLS.transfer)
    await new Promise((resolve) => setTimeout(resolve, 200))
    await writeFrame(transfer, frame())
    await expectCutOff(fault)
    expect((await one.archive.totals()).messages).toBe(200)
  })

  it('is let go when it says nothing, without blame', async () => {
    await hostile.handle(PROTOCOLS.reconciliation, () => undefined)
    await one.net.dial(hostile.getMultiaddrs())
    await expect(one.sync.syncWith(hostile.peerId, WINDOW)).rejects.toMatchObject({ code: 'TIMED_OUT' })
    expect(one.sync.isAvoided(hostile.peerId.toString())).toBe(false)
  })

  it('is given up, without blame, when a session takes too long', async () => {
    const hasty = await sides.add({ config: { maxSessionMs: 300 } })
    await hostile.handle(PROTOCOLS.reconciliation, () => undefined)
    await hasty.net.dial(hostile.getMultiaddrs())
    await expect(hasty.sync.syncWith(hostile.peerId, WINDOW)).rejects.toMatchObject({ code: 'TOO_MUCH' })
    expect(hasty.sync.isAvoided(hostile.peerId.toString())).toBe(false)
    expect(hasty.lines.filter((line) => line.includes('takes too long'))).toHaveLength(1)
  })

  it.each([
    { what: 'other pubsub topics', topics: { pubsubTopics: ['/waku/2/rs/1/0'], contentTopics: [] } },
    { what: 'some content topics', topics: { pubsubTopics: TOPICS, contentTopics: ['/a/1/x/proto'] } },
  ])('gets an empty answer for $what', async ({ topics }) => {
    const stream = await open(hostile, one.net, PROTOCOLS.reconciliation)
    const fingerprint = new Uint8Array(32)
    await writeFrame(
      stream,
      encodePayload({ ...topics, ranges: [{ ...whole, type: 'fingerprint', fingerprint }] }),
    )
    expect(await readFrame(stream, { maxBytes: 100 })).toEqual(Uint8Array.of(0))
    expect(one.sync.isAvoided(hostile.peerId.toString())).toBe(false)
  })

  it('is neither answered nor listened to if nobody knows it', async () => {
    sides.allowed.delete(hostile.peerId.toString())
    const stream = await open(hostile, one.net, PROTOCOLS.reconciliation)
    const transfer = await open(hostile, one.net, PROTOCOLS.transfer)
    await until(() => stream.status !== 'open' && transfer.status !== 'open')
    expect(cutOffs(one)).toEqual([])
  })
})

describe('what is received', () => {
  let other: Side

  beforeEach(async () => {
    other = await sides.add()
  })

  it('is kept only if it validates; a message that nobody accepts ends the session with its sender', async () => {
    const bad = numbered(7).payload[0]
    const strict = await sides.add({
      validate: async (_topic, { payload: [first] }) =>
        first === bad ? { result: 'reject', code: 'INVALID_PROOF' } : { result: 'accept', code: 'OK' },
    })
    await strict.net.dial(other.net.getMultiaddrs())
    await fill(other.archive, numbers(0, 20))
    await expect(strict.sync.syncWith(other.peerId, WINDOW)).rejects.toMatchObject({
      code: 'INVALID_MESSAGE',
    })
    expect(cutOffs(strict)).toHaveLength(1)
    expect((await strict.archive.totals()).messages).toBe(19)
  })

  it('is left out without blame where it can not be checked', async () => {
    const careful = await sides.add({
      validate: async (_topic, { payload: [first] }) =>
        first === 7 ? { result: 'ignore', code: 'UNKNOWN_ROOT' } : { result: 'accept', code: 'OK' },
    })
    await careful.net.dial(other.net.getMultiaddrs())
    await fill(other.archive, numbers(0, 20))
    const counts = await careful.sync.syncWith(other.peerId, WINDOW)
    expect(counts).toMatchObject({ received: 20, kept: 19, refused: 1 })
    expect(careful.sync.isAvoided(other.peerId.toString())).toBe(false)
  })
})
