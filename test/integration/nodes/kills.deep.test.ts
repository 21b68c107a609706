import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeMessage, messageHash } from '@teahouse/protocol/wire'
import { describe, expect, it } from 'vitest'
import { ARCHIVE_MIGRATIONS } from '../../../nodes/src/store/sqlite/tables.ts'
import { launchNode, prepareNode, until, type NodeProcess } from '../../support/index.ts'
import { faultyWorld, PUBSUB_TOPIC, push, texts, TOPIC } from './faulty-world.ts'

const world = faultyWorld()

describe('a process that is killed in a migration', () => {
  const COUNT = 60_000
  const store = join(import.meta.dirname, '../../../nodes/src/store/testing/transfer-main.ts')

  /** An archive of the first version. */
  async function oldArchive(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'teahouse-migration-'))
    const db = new DatabaseSync(join(folder, 'archive.sqlite'))
    db.exec(`PRAGMA journal_mode = WAL; BEGIN; ${ARCHIVE_MIGRATIONS[0]!}; PRAGMA user_version = 1`)
    const insert = db.prepare(
      'INSERT INTO messages (hash, timestamp, pubsub_topic, content_topic, message) VALUES (?, ?, ?, ?, ?)',
    )
    for (let at = 0; at < COUNT; at++) {
      const timestamp = BigInt(at + 1)
      const message = { payload: new Uint8Array(200), contentTopic: TOPIC, timestamp }
      insert.run(messageHash(PUBSUB_TOPIC, message), timestamp, PUBSUB_TOPIC, TOPIC, encodeMessage(message))
    }
    db.exec('COMMIT')
    db.close()
    return folder
  }

  it('finds every message when it is started again, and the newest tables', async () => {
    const folder = await oldArchive()
    const file = join(folder, 'all.export')
    const run = () => spawn(process.execPath, [store, 'export', folder, file], { stdio: 'ignore' })
    const versionOf = () => {
      const db = new DatabaseSync(join(folder, 'archive.sqlite'), { readOnly: true })
      const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number }
      db.close()
      return version
    }
    let killed = 0
    for (let wait = 50; versionOf() === 1; wait += 50) {
      const child = run()
      const ended = new Promise((resolve) => child.once('close', resolve))
      // The log of writes grows as soon as the migration has begun.
      const began = until(
        'the migration begins',
        async () => (await readdir(folder)).some((name) => name.endsWith('-wal')),
        10_000,
        1,
      )
      await Promise.race([began, ended])
      await sleep(wait)
      if (child.kill('SIGKILL')) killed += 1
      await ended
    }
    expect(killed).toBeGreaterThan(0)
    expect(versionOf()).toBe(ARCHIVE_MIGRATIONS.length)
    await rm(file, { force: true })
    const child = run()
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0)
    const db = new DatabaseSync(join(folder, 'archive.sqlite'), { readOnly: true })
    expect(db.prepare('SELECT count(*) AS kept FROM messages').get()).toEqual({ kept: COUNT })
    expect(db.prepare('SELECT messages FROM totals').get()).toEqual({ messages: COUNT })
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    db.close()
  }, 300_000)
})

describe('a node that is killed in a sync, again and again', () => {
  it('has everything in the end, and nothing of before is lost', async () => {
    const config = { sync: { offsetSeconds: 0, everySeconds: 2 } }
    const [first, prepared] = [
      await world.start(await prepareNode(world.chain, { config })),
      await prepareNode(world.chain, { config }),
    ]
    let second = await world.start(prepared)
    const sent: string[] = []
    const send = async (to: NodeProcess, text: string) => {
      expect(await push(to, await world.newLetter(text))).toBe(200)
      sent.push(text)
    }
    await send(second, 'kept by the second node')
    await second.kill('SIGKILL')
    for (let at = 0; at < 4; at++) await send(first, `while it was away ${at}`)
    for (const wait of [0, 60, 250]) {
      const child = launchNode(prepared)
      world.watch(child)
      await until('it speaks', async () => child.output().includes('Started the node'), 60_000, 5)
      await sleep(wait)
      await child.kill('SIGKILL')
      await send(first, `after a kill ${wait}`)
    }
    second = await world.start(prepared)
    await until('it has all', async () => (await texts(second)).length === sent.length, 60_000, 500)
    expect(await texts(second)).toEqual([...sent].sort())
  }, 300_000)
})
