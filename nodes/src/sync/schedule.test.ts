import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SILENT, until } from '../net/test-hosts.ts'
import { NOW_MS, NOW_NS } from '../store/testing/archives.ts'
import { SyncConfig } from './config.ts'
import { openMark } from './mark.ts'
import { scheduleSync, type Schedule } from './schedule.ts'
import { fill, held, numbers } from './testing/sets.ts'
import { newSides, type Side, type Sides } from './testing/sides.ts'

let folder: string
let hosts: Sides
let sides: Side[]
let schedules: Schedule[]

/** Lets the first side sync by schedule. */
async function schedule(change: {
  config?: object
  isAllowed?: (id: string) => boolean
  isReady?: () => boolean
}) {
  const [{ net, archive, sync }] = sides as [Side]
  const mark = await openMark(join(folder, 'sync.json'), SILENT)
  const started = scheduleSync(SyncConfig.parse({ offsetSeconds: 0, ...change.config }), {
    net,
    archive,
    sync,
    mark,
    isAllowed: change.isAllowed ?? (() => true),
    isReady: change.isReady ?? (() => true),
    retention: { seconds: 86_400 },
    now: () => NOW_MS,
    log: SILENT,
  })
  schedules.push(started)
  started.start()
  return mark
}

const hasCaughtUp = async (count: number) => {
  for (let tries = 0; tries < 250; tries++) {
    if ((await sides[0]!.archive.totals()).messages >= count) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect((await sides[0]!.archive.totals()).messages).toBe(count)
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teahouse-schedule-'))
  hosts = newSides()
  schedules = []
  sides = [await hosts.add(), await hosts.add(), await hosts.add()]
  await fill(sides[1]!.archive, numbers(0, 30))
  await fill(sides[2]!.archive, numbers(20, 50))
})

afterEach(async () => {
  await Promise.all(schedules.map((one) => one.stop()))
  await hosts.destroy()
  await rm(folder, { recursive: true })
})

const connect = (...others: number[]) =>
  Promise.all(others.map((other) => sides[0]!.net.dial(sides[other]!.net.getMultiaddrs())))

describe('a schedule', () => {
  it('asks several peers at the start, since one may hide something, and moves the mark', async () => {
    await connect(1, 2)
    const mark = await schedule({})
    await hasCaughtUp(50)
    await until(() => mark.until === NOW_NS)
  })

  it('dials the peers that are configured', async () => {
    await schedule({ config: { peers: [sides[1]!.net.getMultiaddrs()[0]!.toString()] } })
    await hasCaughtUp(30)
  })

  it('asks nobody who is not allowed, and nothing before messages can be validated', async () => {
    await connect(1, 2)
    const known = sides[2]!.net.peerId.toString()
    let ready = false
    await schedule({ isAllowed: (id) => id === known, isReady: () => ready })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect((await sides[0]!.archive.totals()).messages).toBe(0)
    ready = true
    await hasCaughtUp(30)
    expect(await held(sides[0]!.archive)).toEqual(await held(sides[2]!.archive))
  })

  it('finds a peer that comes later, and syncs again after a while', async () => {
    await schedule({ config: { everySeconds: 1 } })
    await connect(1)
    await hasCaughtUp(30)
    await fill(sides[1]!.archive, numbers(50, 60))
    await hasCaughtUp(40)
  })
})
