import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkMessageReceipt, checkRootAnswer, type SignedMessageReceipt } from '@teahouse/protocol/receipts'
import { messageHash } from '@teahouse/protocol/wire'
import fc from 'fast-check'
import { bytesToHex, hexToBytes, type Address } from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SILENT, until } from '../net/test-hosts.ts'
import {
  END as END_OF_TIME,
  message,
  testArchive,
  TOPIC,
  type TestArchive,
} from '../store/testing/archives.ts'
import type { RootBook } from './book.ts'
import { RootsConfig } from './config.ts'
import { rootDesk } from './desk.ts'
import { promiseBook, type PromiseBook } from './promises.ts'
import { messageReceipts } from './receipts.ts'
import { scheduleRoots, type RootSchedule } from './schedule.ts'
import { account, HOUR, keep, openBookIn, OPERATOR, question, SHARD, SPEAKER } from './testing/roots.ts'

const CLIENT: Address = '0x2000000000000000000000000000000000000002'
const GRACE = 60
const END = Number(HOUR + 1n) * 3_600
const config = RootsConfig.parse({ graceSeconds: GRACE, everyMs: 1 })

let folder: string
let archive: TestArchive
let db: ReturnType<typeof openBookIn>['db']
let book: RootBook
let promises: PromiseBook
let schedule: RootSchedule | undefined
/** Unix seconds. */
let own: number
let chain: number

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teahouse-receipts-'))
  archive = await testArchive(undefined, folder)
  openBooks()
})
afterEach(async () => {
  await schedule?.stop()
  schedule = undefined
  db.close()
  await archive.destroy()
  await rm(folder, { recursive: true, force: true })
})

function openBooks(): void {
  ;({ db, book } = openBookIn(folder))
  promises = promiseBook(db)
}

/** Starts an hour before the one that the tests are about. */
async function start(seconds = Number(HOUR) * 3_600 - 1_800): Promise<void> {
  own = chain = seconds
  schedule = scheduleRoots(config, {
    ...{ archive, book, promises, speaker: SPEAKER, operator: OPERATOR, folder, log: SILENT },
    topics: [TOPIC],
    now: () => own * 1_000,
    chainTime: () => chain,
  })
  await schedule.start()
}

const written = (at: number, offsetNs = 0n) =>
  message({
    payload: Uint8Array.of(at),
    timestamp: BigInt(END) * 1_000_000_000n + offsetNs,
  })

function issue(one: ReturnType<typeof written>, hour = HOUR): Promise<SignedMessageReceipt> {
  const isOpen = (asked: bigint) => schedule?.isOpen(asked) ?? false
  const desk = messageReceipts({
    ...{ archive, book, promises, isOpen, speaker: SPEAKER, operator: OPERATOR, liability: 9n, account },
  })
  return desk.issue({ shard: SHARD, hour, messageHash: messageHash(TOPIC, one), client: CLIENT })
}

async function sealed(): Promise<void> {
  own = chain = END + GRACE
  await until(async () => (await book.find(SHARD, HOUR)) !== undefined)
}

async function verdictOf({ messageHash: hash, hour }: SignedMessageReceipt) {
  const answer = await rootDesk({ book, speaker: SPEAKER, account }).answer(SHARD, hour, hexToBytes(hash))
  return await checkRootAnswer(question({ messageHash: hash, hour }), answer)
}

describe('a receipt for a message', () => {
  it('names message, hour and client, and is signed by the node key', async () => {
    await start()
    const one = written(1, -1n)
    await keep(archive, [one])
    const receipt = await issue(one)
    const wanted = { client: CLIENT, messageHash: bytesToHex(messageHash(TOPIC, one)) }
    await checkMessageReceipt({ ...question(), ...wanted }, receipt)
    for (const change of [{ client: SPEAKER.court }, { hour: HOUR + 1n }, { node: SPEAKER.court }])
      await expect(
        checkMessageReceipt({ ...question(), ...wanted, ...change }, receipt),
      ).rejects.toMatchObject({
        code: 'BAD_ANSWER',
      })
  })

  it('holds whatever becomes of the message, and over a clean stop', async () => {
    await start()
    const one = written(1, -1n)
    await keep(archive, [one])
    const receipt = await issue(one)
    await archive.prune({ before: END_OF_TIME }, 1_000)
    expect(await archive.has(hexToBytes(receipt.messageHash))).toBe(false)
    await schedule!.stop()
    await book.close()
    db.close()
    openBooks()
    await start(END - 10)
    await sealed()
    expect(await verdictOf(receipt)).toBe('present')
  })

  it('is never broken by an honest node, whenever messages come around the end of the grace period', async () => {
    const arrival = fc.record({
      // When the message was written, in seconds from the end of the hour, and when it came.
      written: fc.integer({ min: -30, max: 5 }),
      comes: fc.integer({ min: -30, max: GRACE + 30 }),
      // How far the chain's time is from the node's.
      behind: fc.integer({ min: -20, max: 20 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(arrival, { minLength: 1, maxLength: 8 }), async (arrivals) => {
        await schedule?.stop()
        db.exec('DELETE FROM roots; DELETE FROM parts; DELETE FROM promises')
        await start()
        const receipts: SignedMessageReceipt[] = []
        const pending: Promise<unknown>[] = []
        for (const [at, { written: when, comes, behind }] of [...arrivals]
          .sort((a, b) => a.comes - b.comes)
          .entries()) {
          own = END + comes
          chain = own - behind
          const one = written(at, BigInt(when) * 1_000_000_000n)
          await keep(archive, [one])
          const hour = when < 0 ? HOUR : HOUR + 1n
          const asked = issue(one, hour).then((receipt) => receipts.push(receipt))
          pending.push(asked.catch((error: { code: string }) => expect(error.code).toBe('CLOSED')))
          if (at % 2 === 0) await Promise.all(pending)
        }
        await Promise.all(pending)
        own = chain = END + 3_600 + GRACE
        await until(async () => (await book.find(SHARD, HOUR + 1n)) !== undefined)
        for (const receipt of receipts) expect(await verdictOf(receipt)).toBe('present')
      }),
      { numRuns: 25 },
    )
  })
})

describe('when it must refuse', () => {
  it('a message that is not kept, or of another hour, is NOT_KEPT', async () => {
    await start()
    await expect(issue(written(1, -1n))).rejects.toMatchObject({ code: 'NOT_KEPT' })
    const next = written(2)
    await keep(archive, [next])
    await expect(issue(next)).rejects.toMatchObject({ code: 'NOT_KEPT' })
    expect(await issue(next, HOUR + 1n)).toMatchObject({ hour: HOUR + 1n })
  })

  it('a message that a sync brings after the root is CLOSED, and promised nowhere', async () => {
    await start()
    await sealed()
    const late = written(1, -1n)
    await keep(archive, [late])
    await expect(issue(late)).rejects.toMatchObject({ code: 'CLOSED' })
    expect([...promises.of(SHARD, HOUR)]).toEqual([])
  })

  it('an hour that began before the start has no root, and so no receipts', async () => {
    await start(END - 60)
    const one = written(1, -1n)
    await keep(archive, [one])
    await expect(issue(one)).rejects.toMatchObject({ code: 'CLOSED' })
  })
})
