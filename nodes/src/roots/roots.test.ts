import { spawn } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { archiveTree, checkRootAnswer } from '@teahouse/protocol/receipts'
import fc from 'fast-check'
import { type Hex, hexToBytes, keccak256, toHex, zeroHash } from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testArchive, type TestArchive, TOPIC } from '../store/testing/archives.ts'
import type { RootBook } from './book.ts'
import { rootDesk } from './desk.ts'
import { sealHour } from './seal-hour.ts'
import {
  account,
  hashesOf,
  HOUR,
  keep,
  messagesOf,
  openBookIn,
  question,
  SHARD,
  sealDeps,
  SPEAKER,
  WHERE,
} from './testing/roots.ts'

let folder: string
let archive: TestArchive
let book: RootBook
let db: ReturnType<typeof openBookIn>['db']

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teahouse-roots-'))
  archive = await testArchive(undefined, folder)
  ;({ db, book } = openBookIn(folder))
})
afterEach(async () => {
  if (db.isOpen) db.close()
  await archive.destroy()
})

const seal = (hour = HOUR) => sealHour({ ...WHERE, hour }, sealDeps(archive, book, folder))
const desk = () => rootDesk({ book, speaker: SPEAKER, account })
const unknown = (at: number): Hex => keccak256(toHex(`unknown ${at}`))

async function judge(messageHash: Hex, hour = HOUR) {
  const answer = await desk().answer(SHARD, hour, hexToBytes(messageHash))
  return { answer, verdict: await checkRootAnswer(question({ messageHash, hour }), answer) }
}

describe('the root of an hour', () => {
  it.each([0, 1, 2, 511, 512, 513, 1_300])(
    'over %i messages is that of the court, and proves each',
    async (count) => {
      const messages = messagesOf(count)
      await keep(archive, messages)
      await keep(archive, [...messagesOf(3, HOUR - 1n, 5_000), ...messagesOf(3, HOUR + 1n, 6_000)])
      const root = await seal()
      const tree = archiveTree(hashesOf(messages))
      expect({ count: root.count, root: root.root }).toEqual({ count, root: tree.root })
      const some = [...tree.hashes.slice(0, 3), ...tree.hashes.slice(508, 516), ...tree.hashes.slice(-3)]
      for (const hash of some) {
        const { answer, verdict } = await judge(hash)
        expect([verdict, answer.presence]).toEqual(['present', tree.presenceOf(hash)])
      }
      const strangers: readonly Hex[] = [zeroHash, `0x${'ff'.repeat(32)}`, ...[1, 2, 3, 4].map(unknown)]
      for (const hash of strangers) {
        const { answer, verdict } = await judge(hash)
        expect([verdict, answer.absence]).toEqual(['absent', tree.absenceOf(hash)])
      }
    },
  )

  it('stays what it was, whatever comes or goes afterwards', async () => {
    const [messages, late] = [messagesOf(20), messagesOf(10, HOUR, 900).slice(2)]
    await keep(archive, messages)
    const first = await seal()
    const before = await desk().answer(SHARD, HOUR)
    await keep(archive, late)
    expect(await seal()).toEqual(first)
    for (const hash of hashesOf(late)) expect((await judge(hash)).verdict).toBe('absent')
    await archive.prune({ before: (HOUR + 2n) * 3_600_000_000_000n }, 1_000)
    expect((await archive.totals()).messages).toBe(0)
    expect(await seal()).toEqual(first)
    for (const hash of hashesOf(messages)) expect((await judge(hash)).verdict).toBe('present')
    expect((await desk().answer(SHARD, HOUR)).root).toEqual(before.root)
  })

  it('is recorded once, by whoever computed it first', async () => {
    await keep(archive, messagesOf(10))
    const all = await Promise.all([seal(), seal(), seal()])
    expect(new Set(all.map(({ set }) => set)).size).toBe(1)
    expect(db.prepare('SELECT count(DISTINCT hash_set) AS sets FROM parts').get()).toEqual({ sets: 1 })
  })

  it('of any messages is that of the court', async () => {
    let hour = HOUR + 10n
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 40 }), fc.nat(), async (count, at) => {
        hour += 1n
        const messages = messagesOf(count, hour, at % 100_000)
        await keep(archive, messages)
        const tree = archiveTree(hashesOf(messages))
        expect(await seal(hour)).toMatchObject({ count, root: tree.root })
        const one = tree.hashes[at % Math.max(1, count)]
        if (one) expect((await judge(one, hour)).answer.presence).toEqual(tree.presenceOf(one))
        const missing = unknown(at)
        expect((await judge(missing, hour)).answer.absence).toEqual(tree.absenceOf(missing))
      }),
      { numRuns: 25 },
    )
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'an hour of which nothing was said', shard: SHARD, hour: HOUR + 99n },
    { given: 'another shard', shard: SHARD + 1, hour: HOUR },
    { given: 'a shard that no database can hold', shard: 2 ** 32 - 1, hour: HOUR },
    { given: 'an hour that no database can hold', shard: SHARD, hour: 2n ** 64n - 1n },
  ])('$given: NOT_SAID', async ({ shard, hour }) => {
    await seal()
    await expect(desk().answer(shard, hour)).rejects.toMatchObject({ code: 'NOT_SAID' })
  })

  it('a proof of an hour whose hashes went: GONE; the root is still told', async () => {
    await keep(archive, messagesOf(3))
    const { root } = await seal()
    const sameDesk = desk()
    await sameDesk.answer(SHARD, HOUR, hexToBytes(zeroHash))
    while (await book.prune(HOUR + 1n));
    for (const one of [desk(), sameDesk]) {
      await expect(one.answer(SHARD, HOUR, hexToBytes(zeroHash))).rejects.toMatchObject({ code: 'GONE' })
      expect((await one.answer(SHARD, HOUR)).root.root).toBe(root)
    }
  })

  it('to record what it could not sign', async () => {
    const deps = { ...sealDeps(archive, book, folder), liability: 2n ** 128n }
    await expect(sealHour(WHERE, deps)).rejects.toMatchObject({ code: 'OUT_OF_RANGE' })
    expect(await book.find(SHARD, HOUR)).toBeUndefined()
  })

  it('to say anything when its archive fails on the way', async () => {
    await keep(archive, messagesOf(5))
    const failing = { keys: () => Promise.reject(new Error('no disk')) }
    await expect(sealHour(WHERE, sealDeps(failing, book, folder))).rejects.toThrow('no disk')
    expect(await book.find(SHARD, HOUR)).toBeUndefined()
  })
})

/** Runs seal-main.ts until it ends or kills itself. */
async function runToDeath(point: string): Promise<{ signal: string | null; said: string | undefined }> {
  const main = join(import.meta.dirname, 'testing/seal-main.ts')
  const child = spawn(process.execPath, [main, folder, point], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => void (output += chunk.toString()))
  const signal = await new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('close', (_code, by) => resolve(by)),
  )
  return { signal, said: output.split('\n').find((line) => line.startsWith('said')) }
}

describe('a process that is killed', () => {
  it.each([
    { point: 'computing', recorded: false },
    { point: 'recording', recorded: false },
    { point: 'recorded', recorded: true },
    { point: 'serving', recorded: true },
  ])(
    'while $point: what was recorded stays, and nothing else of before is signed',
    async ({ point, recorded }) => {
      await keep(archive, messagesOf(5))
      db.close()
      const { signal, said } = await runToDeath(point)
      expect(signal).toBe('SIGKILL')
      ;({ db, book } = openBookIn(folder))
      // A sync brings more before the next start.
      await keep(archive, messagesOf(9, HOUR, 100).slice(2))
      expect(await book.open(HOUR + 3n)).toBe(HOUR + 3n)
      expect(db.prepare('SELECT count(*) AS parts FROM parts').get()).toEqual({ parts: recorded ? 1 : 0 })
      const found = await book.find(SHARD, HOUR)
      expect(found !== undefined).toBe(recorded)
      if (!found) return expect(said).toBeUndefined()
      expect(found).toMatchObject({ count: 5, root: archiveTree(hashesOf(messagesOf(5))).root })
      expect(await seal()).toEqual(found)
      const { root } = await desk().answer(SHARD, HOUR)
      if (said) expect(said).toContain(`${root.root} ${root.signature}`)
    },
  )
})

describe('hashes of other topics', () => {
  it('are in other roots', async () => {
    await keep(archive, messagesOf(2))
    const other = TOPIC.replace(/\d+$/, '4')
    await archive.restore([{ pubsubTopic: other, message: messagesOf(3)[2]! }])
    expect((await seal()).count).toBe(2)
    const deps = sealDeps(archive, book, folder)
    expect((await sealHour({ pubsubTopic: other, shard: 4, hour: HOUR }, deps)).count).toBe(1)
  })
})
