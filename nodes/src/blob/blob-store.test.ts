import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { numberToHex } from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BlobStore } from './blob-store.ts'
import { content, DAY, ENDLESS, NOW, openStoreIn, rootOf } from './testing/blobs.ts'

const CLIENT = numberToHex(7, { size: 20 })
const TERM = { until: NOW + DAY }

let folder: string
let db: ReturnType<typeof openStoreIn>['db']
let store: BlobStore
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teahouse-blobs-'))
  ;({ db, store } = openStoreIn(folder))
})
afterEach(async () => {
  if (db.isOpen) db.close()
  await rm(folder, { recursive: true })
})

function reopen(options?: Parameters<typeof openStoreIn>[1]): void {
  db.close()
  ;({ db, store } = openStoreIn(folder, options))
}

async function keep(seed: number, until = TERM.until, size?: number) {
  const data = content(seed, size)
  const root = rootOf(data)
  await store.keep(root, { until }, data)
  return { root, data }
}

describe('the store of blobs', () => {
  it('gives back what it keeps, across a start', async () => {
    const { root, data } = await keep(1, TERM.until, 65_536)
    await store.keep(root, { until: 5, client: CLIENT })
    reopen()
    expect(store.find(root)).toEqual({ size: 65_536, until: TERM.until, held: 0, client: CLIENT })
    expect(await store.read(root)).toEqual(data)
    expect(store.totals()).toEqual({ blobs: 1, bytes: 65_536 })
  })

  it('keeps one of the same, for the longer time', async () => {
    const { root, data } = await keep(1)
    await store.keep(root, { until: NOW + 3 * DAY }, data)
    await store.keep(root, { until: NOW + 2 * DAY }, data)
    expect(store.find(root)?.until).toBe(NOW + 3 * DAY)
    expect(store.totals().blobs).toBe(1)
  })

  it('removes what is over, step by step, but not what a court may ask for', async () => {
    const all = []
    for (let seed = 0; seed < 40; seed++) all.push(await keep(seed, NOW + seed, 65_536))
    const held = all[3]!
    await store.holdUntil(held.root, NOW + DAY)
    await store.holdUntil(held.root, NOW) // never shorter
    const steps = []
    for (let more = true; more;) {
      const step = await store.removeOver(NOW + 38)
      steps.push(step.removed)
      more = step.more
    }
    expect(steps).toEqual([16, 16, 5, 0])
    expect(store.totals()).toEqual({ blobs: 3, bytes: 3 * 65_536 })
    expect(await store.read(held.root)).toEqual(held.data)
    expect(await store.read(all[2]!.root)).toBeUndefined()
    expect(db.prepare('SELECT count(*) AS n FROM contents').get()).toEqual({ n: 3 })
    await store.removeOver(NOW + DAY + 1)
    expect(store.totals()).toEqual({ blobs: 0, bytes: 0 })
  })

  it('gives the room back to the disk', async () => {
    await Promise.all(Array.from({ length: 128 }, (_, seed) => keep(seed, NOW, 65_536)))
    while ((await store.removeOver(NOW + 1)).more);
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    expect(statSync(join(folder, 'blobs.sqlite')).size).toBeLessThan(5 * 1024 * 1024)
  })

  it('forgets at once, whatever was promised', async () => {
    const { root } = await keep(1)
    await store.holdUntil(root, NOW + 9 * DAY)
    expect([await store.forget(root), await store.forget(root)]).toEqual([true, false])
    expect([store.find(root), await store.read(root)]).toEqual([undefined, undefined])
    reopen()
    expect(store.totals()).toEqual({ blobs: 0, bytes: 0 })
  })
})

describe('when it must refuse', () => {
  it('holds and prolongs nothing that is not there', async () => {
    const root = rootOf(content(1))
    for (const attempt of [store.holdUntil(root, NOW), store.keep(root, TERM)])
      await expect(attempt).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(store.find(root)).toBeUndefined()
  })

  it('has no room beyond its limit, what is on its way included', async () => {
    await keep(1)
    reopen({ maxBytes: 2_500 })
    const release = store.reserve(1_000)
    expect(() => store.reserve(1_000)).toThrow(expect.objectContaining({ code: 'NO_ROOM' }))
    release()
    store.reserve(1_500)
  })

  it('lets no more than 8 MiB be on their way', () => {
    for (let taken = 0; taken < 128; taken++) store.reserve(65_536)
    expect(() => store.reserve(1)).toThrow(expect.objectContaining({ code: 'BUSY' }))
  })

  it('has none beyond the budget of the disk', () => {
    reopen({ room: { ...ENDLESS, has: () => false } })
    expect(() => store.reserve(1)).toThrow(expect.objectContaining({ code: 'NO_ROOM' }))
  })

  it('counts nothing that a full disk did not take, and goes on when there is room', async () => {
    const { page_count: pages } = db.prepare('PRAGMA page_count').get() as { page_count: number }
    let ranOut = 0
    reopen({ room: { ...ENDLESS, ranOut: () => void (ranOut += 1) } })
    db.exec(`PRAGMA max_page_count = ${pages + 2}`)
    await expect(keep(1, TERM.until, 65_536)).rejects.toMatchObject({ code: 'NO_ROOM' })
    expect([store.totals().bytes, ranOut]).toEqual([0, 1])
    db.exec('PRAGMA max_page_count = 1000000')
    const { root, data } = await keep(1, TERM.until, 65_536)
    expect(await store.read(root)).toEqual(data)
  })

  it('writes nothing more once it is closed', async () => {
    await store.close()
    await expect(keep(1)).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

describe('a process that is killed while it writes', () => {
  it('has kept all that it acknowledged, whole', async () => {
    db.close()
    const main = join(import.meta.dirname, 'testing/put-main.ts')
    const child = spawn(process.execPath, [main, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    const acknowledged: number[] = []
    for await (const line of createInterface(child.stdout)) {
      acknowledged.push(Number(line))
      if (acknowledged.length === 30) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    expect(child.signalCode).toBe('SIGKILL')
    expect(acknowledged.length).toBeGreaterThanOrEqual(30)
    ;({ db, store } = openStoreIn(folder))
    for (const seed of acknowledged) {
      const data = content(seed, 60_000)
      expect(await store.read(rootOf(data))).toEqual(data)
    }
    // What was written and not acknowledged is whole too.
    const { n } = db.prepare('SELECT count(*) AS n FROM contents WHERE length(data) = 60000').get() as {
      n: number
    }
    expect(store.totals()).toEqual({ blobs: n, bytes: n * 60_000 })
  })
})
