import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WireError } from '@teahouse/protocol/wire'
import type { SessionCounts } from './session.ts'
import { cutOffs, newSides, type Side, type Sides } from './testing/sides.ts'
import { fill, held, numbers, WINDOW } from './testing/sets.ts'

let sides: Sides
let one: Side
let other: Side

beforeEach(async () => {
  sides = newSides()
  one = await sides.add()
  other = await sides.add()
  await one.net.dial(other.net.getMultiaddrs())
})
afterEach(() => sides.destroy())

const syncNow = () => one.sync.syncWith(other.peerId, WINDOW)

/** Syncs as soon as the other side has stored what the sync before brought it: until then it refuses another. */
async function syncAgain(side = one): Promise<SessionCounts> {
  for (let tries = 0; ; tries++) {
    try {
      return await side.sync.syncWith(other.peerId, WINDOW)
    } catch (err) {
      if (!(err instanceof WireError) || tries === 100) throw err
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

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
    const small = await sides.add({ config: { maxMessages: 40 } })
    await small.net.dial(other.net.getMultiaddrs())
    await fill(small.archive, numbers(0, 10))
    await fill(other.archive, numbers(0, 130))
    for (const kept of [40, 40, 40, 0]) expect(await syncAgain(small)).toMatchObject({ kept })
    expect(await held(small.archive)).toEqual(await held(other.archive))
    expect([...cutOffs(small), ...cutOffs(other)]).toEqual([])
  })

  it('take in messages that come meanwhile, and are equal the next time', async () => {
    await Promise.all([fill(one.archive, numbers(0, 500)), fill(other.archive, numbers(500, 1_000))])
    const syncing = syncNow()
    for (const n of numbers(1_000, 1_050)) await fill(n % 2 ? one.archive : other.archive, [n])
    await syncing
    await syncAgain()
    await expectEqual(1_050)
  })

  it('that ask each other at the same time are equal, and nobody is to blame', async () => {
    await Promise.all([fill(one.archive, numbers(0, 200)), fill(other.archive, numbers(150, 350))])
    await Promise.all([syncNow(), other.sync.syncWith(one.peerId, WINDOW)])
    await expectEqual(350)
    expect([...cutOffs(one), ...cutOffs(other)]).toEqual([])
  })
})

describe('a peer that is killed in the middle', () => {
  it('costs what did not arrive, which comes with the next sync', async () => {
    let asked = 0
    const slow = await sides.add({
      wrap: (archive) => ({
        ...archive,
        async query(criteria, page) {
          if (++asked > 2) await slow.net.stop()
          return archive.query(criteria, page)
        },
      }),
    })
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
