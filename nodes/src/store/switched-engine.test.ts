import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageHash } from '@teahouse/protocol/wire'
import { SILENT } from '../net/test-hosts.ts'
import { archive } from './archive.ts'
import { sqliteEngine } from './sqlite/engine.ts'
import { switchedEngine, type SwitchedEngine } from './switched-engine.ts'
import { message, NOW_MS, TOPIC } from './testing/archives.ts'

let folder: string
let engine: SwitchedEngine
let kept: ReturnType<typeof archive>
const open = () => sqliteEngine(join(folder, 'archive.sqlite'))
const numbered = (at: number) => message({ payload: new Uint8Array(Uint32Array.of(at).buffer) })
const put = (at: number) => kept.put(TOPIC, numbered(at))
const has = (at: number) => kept.has(messageHash(TOPIC, numbered(at)))

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teahouse-switched-'))
  engine = switchedEngine()
  kept = archive({ engine, log: SILENT, now: () => NOW_MS })
})
afterEach(async () => {
  await kept.close()
  await rm(folder, { recursive: true })
})

describe('an archive without a database', () => {
  it('knows the newest messages and gives them back, and keeps none', async () => {
    expect([await put(1), await put(1)]).toEqual(['stored', 'duplicate'])
    expect((await kept.get(messageHash(TOPIC, numbered(1))))?.payload).toEqual(numbered(1).payload)
    expect(await kept.totals()).toEqual({ messages: 0, bytes: 0 })
    await expect(kept.scan({ limit: 1 })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(kept.query({}, { forward: true, limit: 1, maxBytes: 1 })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
  })

  it('forgets the oldest beyond 16 MiB', async () => {
    const large = (at: number) => message({ payload: new Uint8Array(150_000).fill(at) })
    for (let at = 0; at < 130; at++) await kept.put(TOPIC, large(at))
    expect(await kept.has(messageHash(TOPIC, large(0)))).toBe(false)
    expect(await kept.has(messageHash(TOPIC, large(129)))).toBe(true)
  })
})

describe('a database that comes and goes', () => {
  it('has everything that was acknowledged before it was detached, whatever comes at that time', async () => {
    await put(0)
    await engine.attach(open)
    expect(engine.isAttached).toBe(true)
    const during = Promise.all(Array.from({ length: 200 }, (_, at) => put(at)))
    await kept.settled()
    const detached = engine.detach()
    await Promise.all([during, put(1_000)])
    await detached
    expect(await has(5)).toBe(false)
    await engine.attach(open)
    for (let at = 0; at < 200; at++) expect(await has(at)).toBe(true)
    expect(await has(1_000)).toBe(false)
  })

  it('stays as it was when the database can not be opened', async () => {
    await put(1)
    await expect(engine.attach(() => Promise.reject(new Error('away')))).rejects.toThrow('away')
    expect([engine.isAttached, await has(1)]).toEqual([false, true])
  })

  it('may be attached and detached twice', async () => {
    await engine.attach(open)
    await engine.attach(() => Promise.reject(new Error('a second one')))
    await engine.detach()
    await engine.detach()
    expect(engine.isAttached).toBe(false)
  })
})

describe('when it must refuse', () => {
  it('what there is no room for: DISK_FULL, and nothing of it is kept', async () => {
    let room = true
    const found: string[] = []
    const full = archive({
      engine,
      log: SILENT,
      now: () => NOW_MS,
      room: { has: () => room, ranOut: () => void found.push('ran out') },
    })
    expect(await full.put(TOPIC, numbered(1))).toBe('stored')
    room = false
    await expect(full.put(TOPIC, numbered(2))).rejects.toMatchObject({ code: 'DISK_FULL' })
    await expect(full.restore([{ pubsubTopic: TOPIC, message: numbered(2) }])).rejects.toMatchObject({
      code: 'DISK_FULL',
    })
    room = true
    expect(await full.put(TOPIC, numbered(2))).toBe('stored')
    const failing = Object.assign(new Error('database or disk is full'), { errcode: 13 })
    const broken = { ...engine, isAttached: true, insert: () => Promise.reject(failing) }
    const other = archive({
      engine: broken,
      log: SILENT,
      now: () => NOW_MS,
      room: { has: () => true, ranOut: () => void found.push('ran out') },
    })
    await expect(other.put(TOPIC, numbered(3))).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect(found.length).toBeGreaterThan(0)
  })
})
