import { pino } from 'pino'
import { HttpRequestError } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ContractCall } from '../chain/sender.ts'
import { openDatabase } from '../storage/index.ts'
import type { Channel } from './channel-reader.ts'
import { createSettlement } from './settlement.ts'
import { VOUCHER_MIGRATIONS, voucherBook, type VoucherBook } from './voucher-book.ts'

const log = pino({ level: 'silent' })
const PAYER = `0x${'aa'.repeat(20)}` as const
const PAYEE = `0x${'bb'.repeat(20)}` as const
const OPEN: Channel = { signer: PAYER, epoch: 1n, allocated: 100n, collected: 0n, thawingUntil: 0 }

let book: VoucherBook
let channel: Channel
/** What is final, if that is not the same yet. */
let final: Channel | undefined
let sent: ContractCall[]
let fault: (() => void) | undefined

beforeEach(() => {
  book = voucherBook(openDatabase(':memory:', VOUCHER_MIGRATIONS))
  channel = OPEN
  final = undefined
  sent = []
  fault = undefined
})

function enter(cumulative: bigint): void {
  book.enter({ payer: PAYER, epoch: 1n, cumulative, signature: '0x01', peerId: 'peer' })
}

const create = () =>
  createSettlement({
    book,
    channel: { current: async () => channel, final: async () => final ?? channel },
    sender: {
      async send(call) {
        fault?.()
        sent.push(call)
        const { cumulative } = call.args[0] as { cumulative: bigint }
        channel = { ...channel, collected: cumulative < channel.allocated ? cumulative : channel.allocated }
        return { transactionHash: '0x02' } as never
      },
    },
    channels: PAYEE,
    payee: PAYEE,
    settleEveryMs: 1_000,
    minimumSettlement: 10n,
    log,
  })

describe('createSettlement', () => {
  it('collects when enough is owed, once', async () => {
    const settlement = create()
    enter(9n)
    await settlement.settle()
    expect(sent).toEqual([])
    enter(10n)
    await settlement.settle()
    await settlement.settle()
    expect(sent).toHaveLength(1)
    expect(book.totals()).toMatchObject({ collected: 10n, pending: 0n })
  })

  it.each([
    { given: 'the channel closes', change: { thawingUntil: 5 }, everything: false },
    { given: 'the node stops', change: {}, everything: true },
  ])('collects any amount when $given', async ({ change, everything }) => {
    channel = { ...OPEN, ...change }
    enter(1n)
    await create().settle({ everything })
    expect(sent).toHaveLength(1)
  })

  it('trusts the count of the chain: what a crash left unnoted is not collected again', async () => {
    enter(20n)
    channel = { ...OPEN, collected: 20n }
    await create().settle()
    expect(sent).toEqual([])
    expect(book.open()).toEqual([])
  })

  it('collects no more than is allocated, and the rest when the allocation grows', async () => {
    enter(20n)
    channel = { ...OPEN, allocated: 15n }
    const settlement = create()
    await settlement.settle()
    await settlement.settle()
    expect(sent).toHaveLength(1)
    expect(book.totals()).toMatchObject({ collected: 15n, pending: 5n })
    channel = { ...channel, allocated: 100n }
    await settlement.settle({ everything: true })
    expect(sent).toHaveLength(2)
    expect(book.totals()).toMatchObject({ pending: 0n })
  })

  it('collects again what a reorganisation undid, until the payment is final', async () => {
    const settlement = create()
    enter(20n)
    final = OPEN
    await settlement.settle()
    await settlement.settle()
    expect(sent).toHaveLength(1)
    expect(book.totals()).toMatchObject({ collected: 20n, pending: 0n })

    channel = OPEN // the block with the payment is gone
    await settlement.settle()
    expect(sent).toHaveLength(2)
    expect(book.totals()).toMatchObject({ collected: 20n, pending: 0n })

    final = undefined
    await settlement.settle()
    expect(book.open()).toEqual([])
  })

  it('takes a voucher up again when the end of its channel was undone', async () => {
    const settlement = create()
    enter(20n)
    final = OPEN
    channel = { ...OPEN, epoch: 2n }
    await settlement.settle()
    expect(book.totals()).toMatchObject({ pending: 0n })

    channel = OPEN
    await settlement.settle()
    expect(sent).toHaveLength(1)
    expect(book.totals()).toMatchObject({ collected: 20n })
  })

  it('opens a closed account again for a greater voucher', async () => {
    const settlement = create()
    enter(20n)
    await settlement.settle({ everything: true })
    await settlement.settle()
    expect(book.open()).toEqual([])
    enter(30n)
    await settlement.settle()
    expect(sent).toHaveLength(2)
  })

  it.each([
    { given: 'in a later epoch', change: { epoch: 2n } },
    { given: 'closed', change: { signer: `0x${'00'.repeat(20)}` as const } },
  ])('gives a voucher up when its channel is $given', async ({ change }) => {
    enter(20n)
    channel = { ...OPEN, ...change }
    await create().settle()
    expect(sent).toEqual([])
    expect(book.open()).toEqual([])
  })

  it('tries again after a failure, and asks no further while the chain is away', async () => {
    enter(20n)
    fault = () => {
      throw new HttpRequestError({ url: 'http://127.0.0.1' })
    }
    const settlement = create()
    await settlement.settle()
    fault = undefined
    await settlement.stop()
    expect(sent).toHaveLength(1)
  })
})
