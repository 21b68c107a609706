import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parsePubsubTopic } from '@teahouse/protocol/wire'
import { SILENT, until } from '../net/test-hosts.ts'
import { testArchive, type TestArchive, TOPIC } from '../store/testing/archives.ts'
import type { RootBook } from './book.ts'
import { RootsConfig } from './config.ts'
import { scheduleRoots } from './schedule.ts'
import { hashesOf, HOUR, keep, messagesOf, openBookIn, OPERATOR, SPEAKER } from './testing/roots.ts'

const GRACE = 600
const config = RootsConfig.parse({ graceSeconds: GRACE, everyMs: 5 })
const { shard: SHARD } = parsePubsubTopic(TOPIC)
const at = (hour: bigint, seconds = 0) => Number(hour) * 3_600 + seconds

let folder: string
let archive: TestArchive
let book: RootBook
let db: ReturnType<typeof openBookIn>['db']
/** Unix seconds. */
let own: number
let chain: number
let running: ReturnType<typeof scheduleRoots> | undefined
let looks: number

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teahouse-schedule-'))
  archive = await testArchive(undefined, folder)
  ;({ db, book } = openBookIn(folder))
})
afterEach(async () => {
  await running?.stop()
  running = undefined
  db.close()
  await archive.destroy()
})

async function start(seconds: number): Promise<void> {
  own = chain = seconds
  const now = () => {
    looks += 1
    return own * 1_000
  }
  running = scheduleRoots(config, {
    ...{ archive, book, speaker: SPEAKER, operator: OPERATOR, folder, log: SILENT, now },
    topics: [TOPIC],
    chainTime: () => chain,
  })
  await running.start()
}

/** Lets it look a few times. */
async function look(): Promise<void> {
  looks = 0
  await until(() => looks > 12)
}

async function restart(seconds: number, clean: boolean): Promise<void> {
  await running!.stop()
  if (clean) await book.close()
  db.close()
  ;({ db, book } = openBookIn(folder))
  await start(seconds)
}

const said = async (hour: bigint) => (await book.find(SHARD, hour)) !== undefined

describe('an hour', () => {
  it('is recorded when it is over and the grace period too, and not before', async () => {
    await start(at(HOUR - 1n, 1_800))
    await keep(archive, messagesOf(4))
    own = chain = at(HOUR + 1n, GRACE - 1)
    await look()
    expect(await said(HOUR)).toBe(false)
    own = chain = at(HOUR + 1n, GRACE)
    await until(() => db.prepare('SELECT 1 FROM roots').get() !== undefined)
    expect(await book.find(SHARD, HOUR)).toMatchObject({
      count: hashesOf(messagesOf(4)).length,
      liability: 1_000_000n,
    })
    expect(await said(HOUR + 1n)).toBe(false)
  })

  it('that began before the start is not, whatever is in the archive', async () => {
    await keep(archive, messagesOf(4))
    await start(at(HOUR, 1))
    own = chain = at(HOUR + 2n, GRACE)
    await look()
    expect([await said(HOUR - 1n), await said(HOUR), await said(HOUR + 1n)]).toEqual([false, false, true])
  })

  it('that the own clock or the chain has not reached is not', async () => {
    await start(at(HOUR - 1n))
    own = at(HOUR + 50n)
    await look()
    expect(await said(HOUR)).toBe(false)
    own = at(HOUR - 1n)
    chain = at(HOUR + 50n)
    await look()
    expect(await said(HOUR)).toBe(false)
  })

  it('is not recorded again when the clock goes back, nor after a restart with it', async () => {
    await start(at(HOUR - 1n))
    own = chain = at(HOUR + 1n, GRACE)
    await until(() => db.prepare('SELECT 1 FROM roots').get() !== undefined)
    const first = await book.find(SHARD, HOUR)
    await keep(archive, messagesOf(5))
    own = chain = at(HOUR - 5n)
    await look()
    await restart(at(HOUR - 5n), true)
    own = chain = at(HOUR + 1n, GRACE)
    await look()
    expect(await book.find(SHARD, HOUR)).toEqual(first)
    expect(first).toMatchObject({ count: 0 })
  })

  it('of a node that was away is recorded after a clean stop, once a sync has had time; after a kill it is not', async () => {
    await start(at(HOUR - 1n))
    await restart(at(HOUR + 3n, 1_000), true)
    await look()
    expect(await said(HOUR)).toBe(false)
    await keep(archive, messagesOf(4))
    own = chain = at(HOUR + 3n, 1_000 + GRACE)
    await look()
    expect(await book.find(SHARD, HOUR)).toMatchObject({ count: 4 })
    await restart(at(HOUR + 5n, 1), false)
    own = chain = at(HOUR + 7n, GRACE)
    await look()
    expect([await said(HOUR + 4n), await said(HOUR + 5n), await said(HOUR + 6n)]).toEqual([
      false,
      false,
      true,
    ])
  })

  it('of more than a day ago is given up', async () => {
    await start(at(HOUR))
    own = chain = at(HOUR + 101n, GRACE)
    await look()
    await until(() => db.prepare('SELECT count(*) AS n FROM roots').get()!['n'] === 24)
    expect([await said(HOUR + 76n), await said(HOUR + 77n), await said(HOUR + 100n)]).toEqual([
      false,
      true,
      true,
    ])
  })

  it('is tried again when the archive failed', async () => {
    await start(at(HOUR - 1n))
    const keys = archive.keys.bind(archive)
    let failures = 0
    archive.keys = () => {
      failures += 1
      return Promise.reject(new Error('away'))
    }
    await running!.stop()
    await start(at(HOUR - 1n))
    own = chain = at(HOUR + 1n, GRACE)
    await until(() => failures > 2)
    expect(await said(HOUR)).toBe(false)
    archive.keys = keys
    await running!.stop()
    await start(at(HOUR - 1n))
    own = chain = at(HOUR + 1n, GRACE)
    await look()
    expect(await said(HOUR)).toBe(true)
  })
})
