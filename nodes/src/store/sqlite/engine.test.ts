import { messageHash } from '@teahouse/protocol/wire'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../../storage/index.ts'
import type { MessageRow } from '../engine.ts'
import { END, NOW_NS, TOPIC } from '../testing/archives.ts'
import { sqliteEngine } from './engine.ts'
import { startThread } from './thread-handle.ts'
import { ARCHIVE_MIGRATIONS, sqliteTables } from './tables.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teahouse-sqlite-'))
  path = join(folder, 'archive.sqlite')
})
afterEach(() => rm(folder, { recursive: true }))

function rows(count: number, size = 100, from = 0): MessageRow[] {
  return Array.from({ length: count }, (_, at) => {
    const payload = new Uint8Array(size).fill(at)
    const timestamp = NOW_NS + BigInt(from + at)
    const contentTopic = '/a/1/x/proto'
    const hash = messageHash(TOPIC, { payload, contentTopic, timestamp })
    return { hash, timestamp, pubsubTopic: TOPIC, contentTopic, bytes: payload }
  })
}

describe('sqliteEngine', () => {
  it.each([
    { what: 'by topic', where: 'pubsub_topic = ? AND content_topic = ? AND', index: 'messages_by_topic' },
    { what: 'of a shard', where: 'pubsub_topic = ? AND', index: 'messages_by_shard' },
    { what: 'of all', where: '', index: 'messages_by_time' },
  ])('reads keys $what from their index alone, without sorting', ({ where, index }) => {
    const db = openDatabase(':memory:', ARCHIVE_MIGRATIONS)
    const plan = db
      .prepare(
        `EXPLAIN QUERY PLAN SELECT id, timestamp, hash FROM messages WHERE ${where} (timestamp, hash) > (?, ?)
         AND (timestamp, hash) < (?, ?) ORDER BY timestamp DESC, hash DESC LIMIT ?`,
      )
      .all() as { detail: string }[]
    expect(plan).toHaveLength(1)
    expect(plan[0]?.detail).toContain(`COVERING INDEX ${index}`)
    expect(plan[0]?.detail).toContain('(timestamp,hash)')
  })

  it('counts the messages of a file from before there were totals', async () => {
    const db = openDatabase(path, ARCHIVE_MIGRATIONS.slice(0, 1))
    db.exec(
      "INSERT INTO messages VALUES (1, x'01', 1, 'a', 'b', x'00112233'), (2, x'02', 1, 'a', 'b', x'44')",
    )
    db.close()
    const engine = await sqliteEngine(path)
    expect(await engine.totals()).toEqual({ messages: 2, bytes: 5 })
    await engine.close()
  })

  it('answers queries while it writes and prunes', async () => {
    const engine = await sqliteEngine(path)
    await engine.insert(rows(2_000))
    const order: string[] = []
    const writing = engine.insert(rows(20_000, 100, 5_000)).then(() => order.push('written'))
    const pruning = engine.prune({ before: END }, 1_000).then(() => order.push('pruned'))
    const page = await engine.page({}, { forward: true, limit: 100, maxBytes: 1e6 })
    order.push('read')
    await Promise.all([writing, pruning])
    expect(page?.messages).toHaveLength(100)
    expect(order[0]).toBe('read')
    await engine.close()
  })

  it('gives the room of what it removed back to the disk', async () => {
    const engine = await sqliteEngine(path)
    await engine.insert(rows(1_000, 10_000))
    await engine.close()
    const full = (await stat(path)).size
    const again = await sqliteEngine(path)
    while ((await again.prune({ before: END, messages: 100 }, 500)).more);
    expect(await again.totals()).toEqual({ messages: 0, bytes: 0 })
    await again.close()
    expect((await stat(path)).size).toBeLessThan(full * 0.6)
  })
})

describe('when it must refuse', () => {
  it('a file that is no database: CORRUPT, naming it', async () => {
    await writeFile(path, 'not a database at all, but long enough to be read as one'.repeat(20))
    await expect(sqliteEngine(path)).rejects.toMatchObject({ code: 'CORRUPT', detail: { path } })
  })

  it('a file of a newer version: TOO_NEW', async () => {
    openDatabase(path, [...ARCHIVE_MIGRATIONS, 'CREATE TABLE later (id)']).close()
    await expect(sqliteEngine(path)).rejects.toMatchObject({ code: 'TOO_NEW' })
  })

  it('a full disk: fails, keeps nothing of that transaction, and goes on when there is room again', () => {
    const db = openDatabase(path, ARCHIVE_MIGRATIONS)
    const tables = sqliteTables(db)
    tables.insert(rows(10))
    db.exec('PRAGMA max_page_count = 40')
    expect(() => tables.insert(rows(100, 10_000, 100))).toThrowError(
      expect.objectContaining({ errcode: 13, message: expect.stringContaining('full') }),
    )
    expect(tables.totals()).toEqual({ messages: 10, bytes: 1_000 })
    db.exec('PRAGMA max_page_count = 1000000')
    expect(tables.insert(rows(100, 10_000, 100))).toEqual(Array(100).fill(true))
    expect(tables.totals()).toEqual({ messages: 110, bytes: 1_001_000 })
    db.close()
  })

  it('calls after its end', async () => {
    const thread = await startThread({ path, readOnly: false })
    await thread.close()
    await expect(thread.call('totals')).rejects.toThrow('has ended')
  })
})
