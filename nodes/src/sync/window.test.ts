import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SILENT } from '../net/test-hosts.ts'
import { message, NOW_MS, NOW_NS, testArchive, TOPIC, type TestArchive } from '../store/testing/archives.ts'
import { SyncConfig } from './config.ts'
import { openMark } from './mark.ts'
import { newestTime, windowOf } from './window.ts'

const HOUR = 3_600_000_000_000n
const SECOND = 1_000_000_000n
const UNTIL = NOW_NS - 20n * SECOND
const config = SyncConfig.parse({})
const now = () => NOW_MS

let archive: TestArchive

beforeEach(async () => {
  archive = await testArchive()
})
afterEach(() => archive.destroy())

const keep = (...hoursAgo: bigint[]) =>
  archive.restore(
    hoursAgo.map((hours) => ({ pubsubTopic: TOPIC, message: message({ timestamp: NOW_NS - hours * HOUR }) })),
  )

describe('the times to compare', () => {
  it.each([
    { given: 'nothing', mark: undefined, retention: {}, since: UNTIL - HOUR },
    { given: 'a sync of a minute ago', mark: NOW_NS - 60n * SECOND, retention: {}, since: UNTIL - HOUR },
    {
      given: 'a sync of 5 hours ago',
      mark: NOW_NS - 5n * HOUR,
      retention: {},
      since: NOW_NS - 5n * HOUR - 60n * SECOND,
    },
    {
      given: 'a sync of before what is kept',
      mark: NOW_NS - 5n * HOUR,
      retention: { seconds: 7_200 },
      since: NOW_NS - 2n * HOUR,
    },
    {
      given: 'an archive that is full by number',
      mark: NOW_NS - 5n * HOUR,
      retention: { messages: 3 },
      since: NOW_NS - 4n * HOUR,
    },
    {
      given: 'an archive that is full by size',
      mark: NOW_NS - 5n * HOUR,
      retention: { bytes: 50 },
      since: NOW_NS - 4n * HOUR,
    },
    {
      given: 'an archive with room',
      mark: NOW_NS - 5n * HOUR,
      retention: { messages: 30, bytes: 5_000 },
      since: NOW_NS - 5n * HOUR - 60n * SECOND,
    },
  ])('follow from $given', async ({ mark, retention, since }) => {
    await keep(1n, 4n, 2n)
    const deps = { archive, now, retention: { seconds: 30 * 86_400, ...retention } }
    expect(await windowOf(config, mark, deps)).toEqual({ since, until: UNTIL })
  })
})

describe('the newest time', () => {
  it('is that of the newest message, if there is one', async () => {
    expect(await newestTime(archive)).toBeUndefined()
    await keep(1n, 4n, 2n)
    expect(await newestTime(archive)).toBe(NOW_NS - HOUR)
  })
})

describe('the mark', () => {
  it('is there when it is opened again, and none where its file says nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'teahouse-mark-'))
    const path = join(folder, 'sync.json')
    const mark = await openMark(path, SILENT)
    expect(mark.until).toBeUndefined()
    await mark.save(NOW_NS)
    expect([mark.until, (await openMark(path, SILENT)).until]).toEqual([NOW_NS, NOW_NS])
    for (const text of ['', '{', '{}', '{"syncedUntil":"-1"}', '{"syncedUntil":1}']) {
      await writeFile(path, text)
      expect((await openMark(path, SILENT)).until).toBeUndefined()
    }
    await rm(folder, { recursive: true })
  })
})
