import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkRootAnswer } from '@teahouse/protocol/receipts'
import { messageHash, type WakuMessage } from '@teahouse/protocol/wire'
import fc from 'fast-check'
import { bytesToHex, hexToBytes } from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SILENT } from '../net/test-hosts.ts'
import type { RootBook } from '../roots/book.ts'
import { rootDesk } from '../roots/desk.ts'
import { sealHour } from '../roots/seal-hour.ts'
import {
  account,
  HOUR,
  keep,
  messagesOf,
  openBookIn,
  question,
  SHARD,
  sealDeps,
  SPEAKER,
  WHERE,
} from '../roots/testing/roots.ts'
import { openDatabase } from '../storage/index.ts'
import { archive as archiveOver, type Archive, type ArchiveEngine } from '../store/index.ts'
import { sqliteEngine } from '../store/sqlite/engine.ts'
import { END, NOW_MS, TOPIC } from '../store/testing/archives.ts'
import { forgettingArchive } from './archive.ts'
import { FORGOTTEN_MIGRATIONS, forgottenBook, type ForgottenBook } from './book.ts'
import { denyLists, readDenyList } from './deny-lists.ts'
import { openArchive } from './open.ts'
import { forgetDesk, type ForgetDesk } from './desk.ts'

const SECRET = 'a secret that somebody had to be rid of'

let folder: string
let engine: ArchiveEngine
let whole: Archive
let archive: Archive
let desk: ForgetDesk
let book: ForgottenBook
let lists: ReturnType<typeof denyLists>
let roots: RootBook
let rootDb: ReturnType<typeof openBookIn>['db']
let forgottenDb: ReturnType<typeof openDatabase>
let isShared: boolean
let nowMs: number

const messages = messagesOf(5)
const secret: WakuMessage = { ...messages[2]!, payload: new TextEncoder().encode(SECRET) }
const all = messages.map((one, at) => (at === 2 ? secret : one))
const hash = messageHash(TOPIC, secret)

async function open(denied: readonly string[] = []): Promise<void> {
  engine = await sqliteEngine(join(folder, 'archive.sqlite'))
  whole = archiveOver({ engine, log: SILENT, now: () => NOW_MS })
  forgottenDb = openDatabase(join(folder, 'forgotten.sqlite'), FORGOTTEN_MIGRATIONS, { shared: true })
  book = forgottenBook(forgottenDb)
  lists = denyLists(denied, SILENT)
  await lists.open()
  desk = forgetDesk({
    ...{ book, lists, archive: whole, engine, isShared, log: SILENT },
    isKept: () => true,
    now: () => nowMs,
  })
  archive = forgettingArchive(whole, { ...desk, keys: book.keys })
}

async function close(): Promise<void> {
  await whole.close()
  forgottenDb.close()
}

beforeEach(async () => {
  ;[isShared, nowMs] = [false, NOW_MS]
  folder = await mkdtemp(join(tmpdir(), 'teahouse-forget-'))
  ;({ db: rootDb, book: roots } = openBookIn(folder))
  await open()
  await keep(archive, all)
})
afterEach(async () => {
  await close()
  rootDb.close()
  await rm(folder, { recursive: true })
})

const query = async (of: Archive = archive) =>
  (await of.query({}, { forward: true, limit: 100, maxBytes: 1e6 })).messages
const seal = () => sealHour({ ...WHERE, hour: HOUR }, sealDeps(archive, roots, folder))
const keys = async (limit: number) => {
  const found: string[] = []
  for (let after; ;) {
    const some = await archive.keys({ limit, after })
    found.push(...some.map((key) => bytesToHex(key.hash)))
    if (some.length < limit) return found
    after = some.at(-1)
  }
}

/** What the root of the hour proves of the message, as a client and a court check it. */
async function verdict() {
  const answer = await rootDesk({ book: roots, speaker: SPEAKER, account }).answer(SHARD, HOUR, hash)
  return await checkRootAnswer(question({ messageHash: bytesToHex(hash), hour: HOUR }), answer)
}

describe('a forgotten message', () => {
  it('is given to nobody, and its bytes are gone from the disk', async () => {
    const before = (await archive.totals()).messages
    expect(await desk.forget(hash)).toEqual({ had: true, again: false })
    expect(await archive.get(hash)).toBeUndefined()
    expect((await query()).map((one) => bytesToHex(one.hash))).not.toContain(bytesToHex(hash))
    expect(await archive.scan({ limit: 100 })).toHaveLength(before - 1)
    expect(await whole.has(hash)).toBe(false)
    await close()
    for (const name of ['archive.sqlite', 'archive.sqlite-wal']) {
      const bytes = await readFile(join(folder, name), 'latin1').catch(() => '')
      expect(bytes).not.toContain(SECRET)
    }
    await open()
  })

  it('is not taken in again, by whatever way it comes, also after a restart', async () => {
    await desk.forget(hash)
    await close()
    await open()
    expect(await archive.put(TOPIC, secret)).toBe('forgotten')
    expect(await archive.restore([{ pubsubTopic: TOPIC, message: secret }])).toBe(0)
    expect(desk.isMessageForgotten(TOPIC, secret)).toBe(true)
    // A sync does not ask for what it is told to be there.
    expect(await archive.has(hash)).toBe(true)
    expect(await whole.has(hash)).toBe(false)
    expect(await desk.forget(hash)).toEqual({ had: false, again: true })
  })

  it('is not brought back by an import beside the node', async () => {
    await desk.forget(hash)
    const beside = await openArchive({ engine: 'sqlite' }, { dataDir: folder, log: SILENT })
    expect(await beside.restore(all.map((message) => ({ pubsubTopic: TOPIC, message })))).toBe(0)
    expect(await beside.scan({ limit: 100 })).toHaveLength(all.length - 1)
    await beside.close()
    expect(await whole.has(hash)).toBe(false)
  })

  it('stays in the root of its hour, whether that was signed before or is signed after', async () => {
    const order = await keys(2)
    await desk.forget(hash)
    expect(await keys(2)).toEqual(order)
    const { count, root } = await seal()
    expect(await verdict()).toBe('present')
    // The same as of a node that has forgotten nothing: not two roots, and not one without the hash.
    const other = await mkdtemp(join(tmpdir(), 'teahouse-forget-'))
    const { db, book: otherRoots } = openBookIn(other)
    const kept = archiveOver({
      engine: await sqliteEngine(join(other, 'archive.sqlite')),
      log: SILENT,
      now: () => NOW_MS,
    })
    await keep(kept, all)
    const same = await sealHour({ ...WHERE, hour: HOUR }, sealDeps(kept, otherRoots, other))
    expect(same).toMatchObject({ count, root })
    await kept.close()
    db.close()
    await rm(other, { recursive: true })
  })

  it('can still be proven under a root that was signed when it was there', async () => {
    const before = await seal()
    await desk.forget(hash)
    expect(await seal()).toEqual(before)
    expect(await verdict()).toBe('present')
  })

  it('goes from the archive after a crash between the two writes', async () => {
    book.add({ hash, at: 1, by: 'operator' })
    await close()
    await open()
    expect(await archive.get(hash)).toBeUndefined()
    expect(await whole.has(hash)).toBe(true)
    await desk.work(new AbortController().signal)
    expect(await whole.has(hash)).toBe(false)
    await seal()
    expect(await verdict()).toBe('present')
  })

  it('is not one that never came, unless it is to be refused ahead; twice is as once', async () => {
    const unseen = new Uint8Array(32).fill(7)
    await expect(desk.forget(unseen)).rejects.toMatchObject({ code: 'NOT_HERE' })
    expect([desk.isForgotten(unseen), desk.counts().messages]).toEqual([false, 0])
    await desk.forget(unseen, { ahead: true })
    expect(await desk.forget(unseen)).toEqual({ had: false, again: true })
    expect([desk.isForgotten(unseen), desk.counts().messages]).toEqual([true, 1])
  })

  it('is shown to everybody, with who had it forgotten, the newest first', async () => {
    await desk.forget(hash)
    nowMs += 5_000
    const unseen = new Uint8Array(32).fill(7)
    expect(await desk.forget(unseen, { ahead: true })).toEqual({ had: false, again: false })
    const shown = desk.list(10).map((one) => ({ ...one, hash: bytesToHex(one.hash) }))
    const at = Math.floor(NOW_MS / 1_000)
    expect(shown).toEqual([
      { hash: bytesToHex(unseen), at: at + 5, by: 'operator', had: false },
      { hash: bytesToHex(hash), at, by: 'operator', had: true },
    ])
    expect(desk.list(10, unseen)).toHaveLength(1)
    expect(desk.counts()).toEqual({ messages: 2, denyLists: [] })
  })

  it('goes on being one after retention has let its time go', async () => {
    await desk.forget(hash)
    while ((await archive.prune({ before: END }, 100)).more);
    expect(await archive.restore([{ pubsubTopic: TOPIC, message: secret }])).toBe(0)
  })
})

describe('an archive that is shared', () => {
  it('forgets nothing of which another process has yet to sign the hour', async () => {
    await close()
    isShared = true
    await open()
    const from = Number(secret.timestamp! / 1_000_000_000n) + 26 * 3_600
    nowMs = 1_000 * from - 1
    await expect(desk.forget(hash)).rejects.toMatchObject({ detail: { code: 'HOUR_OPEN', from } })
    expect([await whole.has(hash), desk.counts().messages]).toEqual([true, 0])
    nowMs = 1_000 * from
    expect(await desk.forget(hash)).toMatchObject({ had: true })
  })
})

describe('a deny list', () => {
  const signal = new AbortController().signal
  const listed = async (text: string): Promise<string> => {
    const path = join(folder, 'tea.txt')
    await writeFile(path, text)
    return path
  }
  const reopened = async (text: string) => {
    await close()
    await open([await listed(text)])
  }

  it('has what it names forgotten, and keeps out what has not come yet', async () => {
    const other = { ...secret, payload: Uint8Array.of(9) }
    await reopened(
      `# of the tea house\n${bytesToHex(hash)} # why\n\n${bytesToHex(messageHash(TOPIC, other)).slice(2)}\n`,
    )
    expect(await archive.get(hash)).toBeUndefined()
    await desk.work(signal)
    expect(await whole.has(hash)).toBe(false)
    expect(desk.list(10)).toMatchObject([{ by: 'tea.txt', had: true }])
    expect(await archive.put(TOPIC, other)).toBe('forgotten')
    expect(desk.counts()).toEqual({ messages: 1, denyLists: [{ name: 'tea.txt', hashes: 2 }] })
    // What never was here is in no root: nothing was promised of it.
    expect((await seal()).count).toBe(all.length)
  })

  it('is read again when it changes; one that is broken then counts as it was', async () => {
    await reopened(bytesToHex(hash))
    await listed('no hash')
    await lists.refresh()
    expect(desk.isForgotten(hash)).toBe(true)
    await listed('')
    await lists.refresh()
    expect(desk.isForgotten(hash)).toBe(false)
  })

  it.each([
    { given: 'a word that is no hash', text: `${'0x'.padEnd(66, 'a')}\ntea`, line: 2 },
    { given: 'a hash that is cut off', text: '0x1234', line: 1 },
  ])('with $given keeps a node from starting', async ({ text, line }) => {
    const path = await listed(text)
    await expect(denyLists([path], SILENT).open()).rejects.toMatchObject({
      detail: { code: 'BAD_DENY_LIST', path, line },
    })
    await expect(denyLists([join(folder, 'none')], SILENT).open()).rejects.toMatchObject({
      code: 'BAD_DENY_LIST',
    })
  })

  it('is read as it was written, and of anything else it says which line', () => {
    const word = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (hashes) => {
        const text = hashes.map((one) => `${bytesToHex(one)} # tea`).join('\n')
        const unique = [...new Set(hashes.map((one) => bytesToHex(one)))]
        expect(readDenyList(text, 'x').map((one) => bytesToHex(one))).toEqual(unique)
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          readDenyList(text, 'x')
        } catch (error) {
          expect(error).toMatchObject({
            detail: { code: 'BAD_DENY_LIST', line: expect.any(Number) as number },
          })
        }
      }),
    )
    expect(readDenyList(`  0x${'AB'.repeat(32)}\r\n`, 'x')).toEqual([hexToBytes(`0x${'ab'.repeat(32)}`)])
  })
})
