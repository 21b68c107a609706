import type { PeerId } from '@libp2p/interface'
import { PROTOCOLS, WakuMessageAndTopic, writeFrame } from '@teahouse/protocol/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '../log.ts'
import type { Net } from '../net/index.ts'
import { open, testHost, TOPICS, until } from '../net/test-hosts.ts'
import type { ValidatePast } from '../rln/past-validator.ts'
import type { Archive } from '../store/index.ts'
import { message, testArchive, TOPIC, type TestArchive } from '../store/testing/archives.ts'
import { SyncConfig } from './config.ts'
import { encodePayload, startOf, type SyncRange } from './payload.ts'
import { createSync, type Sync } from './sync.ts'
import { fill, held, numbered, numbers, WINDOW } from './testing/sets.ts'

interface Side {
  readonly net: Net
  readonly archive: TestArchive
  readonly sync: Sync
  readonly lines: string[]
  readonly peerId: PeerId
}

const allowed = new Set<string>()
let sides: Side[]
let one: Side
let other: Side

async function newSide(
  config: Partial<SyncConfig> = {},
  validate: ValidatePast = async () => ({ result: 'accept', code: 'OK' }),
  wrap: (archive: Archive) => Archive = (archive) => archive,
): Promise<Side> {
  const net = await testHost()
  const archive = await testArchive()
  const lines: string[] = []
  const log = createLog('info', { write: (line: string) => void lines.push(line) })
  const sync = createSync(SyncConfig.parse({ silenceMs: 1_500, ...config }), {
    net,
    archive: wrap(archive),
    topics: TOPICS,
    validate,
    isAllowed: (peerId) => allowed.has(peerId),
    log,
  })
  await net.start()
  await sync.start()
  allowed.add(net.peerId.toString())
  const side = { net, archive, sync, lines, peerId: net.peerId }
  sides.push(side)
  return side
}

beforeEach(async () => {
  sides = []
  allowed.clear()
  one = await newSide()
  other = await newSide()
  await one.net.dial(other.net.getMultiaddrs())
})

afterEach(async () => {
  for (const { sync, net } of sides) {
    await sync.stop()
    await net.stop()
  }
  await Promise.all(sides.map(({ archive }) => archive.destroy()))
})

const syncNow = () => one.sync.syncWith(other.peerId, WINDOW)

async function expectEqual(messages: number): Promise<void> {
  // What went the other way is kept soon after.
  for (let tries = 0; (await other.archive.totals()).messages < messages && tries < 100; tries++)
    await new Promise((resolve) => setTimeout(resolve, 20))
  const [a, b] = [await held(one.archive), await held(other.archive)]
  expect(a).toEqual(b)
  expect(a).toHaveLength(messages)
}

describe('two archives', () => {
  it('that are equal exchange one fingerprint and no more', async () => {
    await Promise.all([fill(one.archive, numbers(0, 1_000)), fill(other.archive, numbers(0, 1_000))])
    const counts = await syncNow()
    expect(counts).toMatchObject({ rounds: 1, bytesIn: 1, sent: 0, received: 0 })
    expect(counts.bytesOut).toBeLessThan(8 * 32 + 64)
  })

  it('that have nothing in common have all of both', async () => {
    await Promise.all([fill(one.archive, numbers(0, 200)), fill(other.archive, numbers(200, 400))])
    expect(await syncNow()).toMatchObject({ sent: 200, kept: 200 })
    await expectEqual(400)
  })

  it.each([
    { empty: 'the one that asks', ours: 0, theirs: 150 },
    { empty: 'the one that is asked', ours: 150, theirs: 0 },
  ])('are equal where $empty was empty', async ({ ours, theirs }) => {
    await Promise.all([fill(one.archive, numbers(0, ours)), fill(other.archive, numbers(0, theirs))])
    expect(await syncNow()).toMatchObject({ sent: ours, kept: theirs })
    await expectEqual(150)
  })

  it('of 5,000 messages pay for the 3 that are missing on either side, not for the others', async () => {
    const [lackedHere, lackedThere] = [
      [17, 2_500, 4_999],
      [3, 2_501, 4_000],
    ]
    const all = numbers(0, 5_000)
    await fill(
      one.archive,
      all.filter((n) => !lackedHere.includes(n)),
    )
    await fill(
      other.archive,
      all.filter((n) => !lackedThere.includes(n)),
    )
    const counts = await syncNow()
    expect(counts).toMatchObject({ sent: 3, kept: 3 })
    expect(counts.rounds).toBeLessThanOrEqual(4)
    // All 5,000 hashes alone would be 160,000 bytes.
    expect(counts.bytesIn + counts.bytesOut).toBeLessThan(20_000)
    await expectEqual(5_000)
  })

  it('are equal after some sessions where one does not carry it all, and nobody is to blame', async () => {
    const small = await newSide({ maxMessages: 40 })
    await small.net.dial(other.net.getMultiaddrs())
    await fill(small.archive, numbers(0, 10))
    await fill(other.archive, numbers(0, 130))
    for (const kept of [40, 40, 40, 0])
      expect(await small.sync.syncWith(other.peerId, WINDOW)).toMatchObject({ kept })
    expect(await held(small.archive)).toEqual(await held(other.archive))
    expect([...cutOffs(small), ...cutOffs(other)]).toEqual([])
  })

  it('take in messages that come meanwhile, and are equal the next time', async () => {
    await Promise.all([fill(one.archive, numbers(0, 500)), fill(other.archive, numbers(500, 1_000))])
    const syncing = syncNow()
    for (const n of numbers(1_000, 1_050)) await fill(n % 2 ? one.archive : other.archive, [n])
    await syncing
    await syncNow()
    await expectEqual(1_050)
  })
})

describe('a peer that is killed in the middle', () => {
  it('costs what did not arrive, which comes with the next sync', async () => {
    let asked = 0
    const slow = await newSide({}, undefined, (archive) => ({
      ...archive,
      async query(criteria, page) {
        if (++asked > 2) await slow.net.stop()
        return archive.query(criteria, page)
      },
    }))
    await one.net.dial(slow.net.getMultiaddrs())
    await Promise.all([fill(slow.archive, numbers(0, 1_000)), fill(other.archive, numbers(0, 1_000))])
    await one.sync.syncWith(slow.peerId, WINDOW).catch(() => undefined)
    const kept = (await one.archive.totals()).messages
    expect(kept).toBeGreaterThan(0)
    expect(kept).toBeLessThan(1_000)
    expect(one.sync.isAvoided(slow.peerId.toString())).toBe(false)
    expect((await syncNow()).kept).toBe(1_000 - kept)
    await expectEqual(1_000)
  })
})

/** Bytes of a payload with these ranges. */
const payload = (...ranges: SyncRange[]) => encodePayload({ pubsubTopics: TOPICS, contentTopics: [], ranges })
const whole = { from: startOf(WINDOW.since), to: startOf(WINDOW.until) }
const transferOf = (n: number, pubsubTopic = TOPIC) =>
  WakuMessageAndTopic.encode({ pubsubTopic, message: numbered(n) })

const cutOffs = ({ lines }: Side) => lines.filter((line) => line.includes('Cut off a peer'))

describe('a peer that does not keep to the rules', () => {
  let hostile: Net

  beforeEach(async () => {
    hostile = await testHost()
    await hostile.start()
    allowed.add(hostile.peerId.toString())
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

  it('is neither answered nor listened to if nobody knows it', async () => {
    allowed.delete(hostile.peerId.toString())
    const stream = await open(hostile, one.net, PROTOCOLS.reconciliation)
    const transfer = await open(hostile, one.net, PROTOCOLS.transfer)
    await until(() => stream.status !== 'open' && transfer.status !== 'open')
    expect(cutOffs(one)).toEqual([])
  })
})

describe('what is received', () => {
  it('is kept only if it validates; a message that nobody accepts ends the session with its sender', async () => {
    const bad = numbered(7).payload[0]
    const strict = await newSide({}, async (_topic, { payload: [first] }) =>
      first === bad ? { result: 'reject', code: 'INVALID_PROOF' } : { result: 'accept', code: 'OK' },
    )
    await strict.net.dial(other.net.getMultiaddrs())
    await fill(other.archive, numbers(0, 20))
    await expect(strict.sync.syncWith(other.peerId, WINDOW)).rejects.toMatchObject({
      code: 'INVALID_MESSAGE',
    })
    expect(cutOffs(strict)).toHaveLength(1)
    expect((await strict.archive.totals()).messages).toBe(19)
  })

  it('is left out without blame where it can not be checked', async () => {
    const careful = await newSide({}, async (_topic, { payload: [first] }) =>
      first === 7 ? { result: 'ignore', code: 'UNKNOWN_ROOT' } : { result: 'accept', code: 'OK' },
    )
    await careful.net.dial(other.net.getMultiaddrs())
    await fill(other.archive, numbers(0, 20))
    const counts = await careful.sync.syncWith(other.peerId, WINDOW)
    expect(counts).toMatchObject({ received: 20, kept: 19, refused: 1 })
    expect(careful.sync.isAvoided(other.peerId.toString())).toBe(false)
  })
})
