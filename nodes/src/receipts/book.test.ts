import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { isPledgedTwice, receiptId, type StorageReceipt } from '@teahouse/protocol/receipts'
import { getAddress, numberToHex } from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stopMark } from '../rln/stop-mark.ts'
import { openDatabase } from '../storage/index.ts'
import { RECEIPT_MIGRATIONS, receiptBook, type ReceiptBook, type WantedReceipt } from './book.ts'

const MAX_TERM = 300
const PERIOD = 10
const PROMISER = { chainId: 1, court: `0x${'c0'.repeat(20)}` as const, operator: 7, maxTerm: MAX_TERM }
const STAKE = 10n * 31n * 3n
const START = 10_000

let folder: string
const stops: (() => void)[] = []
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'teahouse-receipts-'))))
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
  rmSync(folder, { recursive: true })
})

const file = () => join(folder, 'receipts.sqlite')

/** A run of the node: `kill` ends it without closing anything in the book. */
async function run(now: number, liability = 10n): Promise<ReceiptBook & { kill(): void }> {
  const db = openDatabase(file(), RECEIPT_MIGRATIONS)
  let isOpen = true
  const kill = () => {
    if (isOpen) db.close()
    isOpen = false
  }
  stops.push(kill)
  const book = receiptBook(db, PROMISER, stopMark(join(folder, 'receipts.stop')))
  await book.open(now, liability)
  return {
    ...book,
    get since() {
      return book.since
    },
    kill,
    async close() {
      await book.close()
      kill()
    },
  }
}

let contents = 0
const want = (from: number, until = from + 100, liability = 10n): WantedReceipt => ({
  client: getAddress(PROMISER.court),
  root: numberToHex(++contents, { size: 32 }),
  size: 5n,
  ...{ from, until, liability },
})

describe('the book of receipts', () => {
  it('signs nothing before the period after its start, and then each with a slot of its own', async () => {
    const book = await run(START + 3)
    expect(book.since).toBe(START + PERIOD)
    expect(book.enter(want(START + 9), STAKE)).toBeUndefined()
    const entered = [1, 2, 3].map(() => book.enter(want(START + PERIOD), STAKE)!)
    expect(new Set(entered.map(({ slot }) => slot)).size).toBe(3)
    expect(book.enter(want(START + PERIOD), STAKE)).toBeUndefined()
    expect(book.enter(want(START + 2 * PERIOD), STAKE)).toBeDefined()
    expect(book.find(receiptId(entered[0]!))).toEqual(entered[0])
    expect(book.count(START + 109)).toBe(4)
    expect(book.count(START + 110)).toBe(1)
  })

  it('still has what it gave after a kill, and goes on in the next period', async () => {
    const before = await run(START)
    const receipt = before.enter(want(START + 10), STAKE)!
    before.kill()
    const after = await run(START + 15)
    expect(after.since).toBe(START + 20)
    expect(after.find(receiptId(receipt))).toEqual(receipt)
    expect(after.running(START + 16, receipt)).toEqual(receipt)
    expect(after.running(START + 16, { ...receipt, until: receipt.until + 1 })).toBeUndefined()
    expect(after.runningOf(START + 16, receipt.root)).toEqual([receipt])
  })

  it('goes on at once after a clean stop', async () => {
    const before = await run(START)
    const receipt = before.enter(want(START + 10), STAKE)!
    await before.close()
    const after = await run(START + 12)
    const next = after.enter(want(START + 12), STAKE)!
    expect(next).toBeDefined()
    expect(isPledgedTwice(receipt, next)).toBe(false)
  })

  it('goes on at once after a clean stop with another liability, if nothing from before the first start still runs', async () => {
    const first = await run(START)
    await first.close()
    const second = await run(START + 12, 20n)
    const since = START + 10 + MAX_TERM + PERIOD
    expect(second.since).toBe(since)
    await second.close()
    const third = await run(since, 20n)
    const receipt = third.enter(want(since, since + 100, 20n), STAKE)!
    await third.close()
    const fourth = await run(since + 2 * MAX_TERM, 10n)
    expect(fourth.since).toBeLessThanOrEqual(since + 2 * MAX_TERM)
    expect(isPledgedTwice(receipt, fourth.enter(want(since + 2 * MAX_TERM), STAKE)!)).toBe(false)
  })

  it('waits for a longest term if the liability is another one and something may be missing', async () => {
    const before = await run(START)
    before.kill()
    const after = await run(START + 15, 20n)
    const since = START + 20 + MAX_TERM
    expect(after.since).toBe(since)
    after.kill()
    const again = await run(START + 16, 20n)
    expect(again.since).toBe(since)
    await again.close()
    expect((await run(START + 17, 20n)).since).toBe(since)
  })

  it.each(['restored', 'lost'])('that was %s gives no slot that the lost one has given', async (how) => {
    const first = await run(START)
    const early = first.enter(want(START + 10, START + 300), STAKE)!
    await first.close()
    copyFileSync(file(), join(folder, 'copy'))
    const second = await run(START + 11)
    const forgotten = [1, 2].map(() => second.enter(want(START + 12, START + 300), STAKE)!)
    await second.close()
    rmSync(file())
    if (how === 'restored') copyFileSync(join(folder, 'copy'), file())
    const third = await run(START + 13)
    expect(third.enter(want(START + 13), STAKE)).toBeUndefined()
    const others = []
    for (let from = START + 20; from < START + 300; from += PERIOD)
      others.push(third.enter(want(from), STAKE)!)
    for (const one of [early, ...forgotten])
      for (const other of others) expect(isPledgedTwice(one, other)).toBe(false)
  })

  it('forgets what has ended', async () => {
    const book = await run(START)
    const receipt = book.enter(want(START + 10), STAKE)!
    book.prune(receipt.until)
    expect(book.find(receiptId(receipt))).toBeDefined()
    book.prune(receipt.until + 1)
    expect(book.find(receiptId(receipt))).toBeUndefined()
  })
})

/** What may happen to a node. */
type Happening =
  | { readonly does: 'issue'; readonly length: number; readonly stake: number }
  | { readonly does: 'wait'; readonly seconds: number }
  | { readonly does: 'restart'; readonly clean: boolean; readonly liability: bigint }

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('issue' as const),
      length: fc.integer({ min: 1, max: MAX_TERM }),
      stake: fc.nat({ max: 2_000 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('wait' as const), seconds: fc.nat({ max: 60 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('restart' as const),
      clean: fc.boolean(),
      liability: fc.constantFrom(7n, 10n, 25n),
    }),
  },
)

it('never pledges one thing twice, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 40 }), async (happenings) => {
      rmSync(folder, { recursive: true })
      folder = mkdtempSync(join(tmpdir(), 'teahouse-receipts-'))
      let now = START
      let liability = 10n
      let book = await run(now)
      const signed: StorageReceipt[] = []
      for (const one of happenings) {
        if (one.does === 'wait') now += one.seconds
        else if (one.does === 'issue') {
          const entered = book.enter(want(now, now + one.length, liability), BigInt(one.stake))
          if (entered) signed.push(entered)
        } else {
          if (one.clean) await book.close()
          else book.kill()
          liability = one.liability
          book = await run(now, liability)
        }
      }
      book.kill()
      for (const [at, a] of signed.entries())
        for (const b of signed.slice(at + 1)) expect(isPledgedTwice(a, b)).toBe(false)
    }),
    { numRuns: 30 },
  )
})
