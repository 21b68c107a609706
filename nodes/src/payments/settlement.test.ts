import { pino } from 'pino'
import { encodeAbiParameters, encodeEventTopics, HttpRequestError, type Address } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import { abis } from '@teahouse/protocol/chain'
import type { ContractCall } from '../chain/sender.ts'
import { openDatabase } from '../storage/index.ts'
import type { Channel } from './channel-reader.ts'
import { createSettlement } from './settlement.ts'
import { VOUCHER_MIGRATIONS, voucherBook, type VoucherBook } from './voucher-book.ts'

const log = pino({ level: 'silent' })
const PAYER = `0x${'aa'.repeat(20)}` as const
const PAYEE = `0x${'bb'.repeat(20)}` as const
const SIGNATURE = `0x${'11'.repeat(64)}1b` as const
const OPEN: Channel = { signer: PAYER, epoch: 1n, allocated: 100n, collected: 0n, thawingUntil: 0 }

let book: VoucherBook
/** Of PAYER; everybody else's is `others`. */
let channel: Channel
let others: Map<Address, Channel>
/** Whose vouchers the contract skips in a batch. */
let skips: Set<Address>
/** What is final, if that is not the same yet. */
let final: Channel | undefined
let sent: ContractCall[]
let fault: (() => void) | undefined
/** What each voucher of a transaction costs, if that is looked at: a coin is worth 1,000. */
let wei: bigint | undefined
let thawSeconds: number
/** Whose channels were read. */
let read: Address[]

beforeEach(() => {
  book = voucherBook(openDatabase(':memory:', VOUCHER_MIGRATIONS))
  channel = OPEN
  others = new Map()
  skips = new Set()
  final = undefined
  sent = []
  fault = undefined
  wei = undefined
  ;[thawSeconds, read] = [3_600, []]
})

function enter(cumulative: bigint, payer: Address = PAYER): void {
  book.enter({ payer, epoch: 1n, cumulative, signature: SIGNATURE, peerId: 'peer' })
}

const payerOf = (number: number): Address => `0x${number.toString(16).padStart(40, '0')}`
const current = (payer: Address) => (payer === PAYER ? channel : (others.get(payer) ?? OPEN))

/** Does what the contract does; returns the logs of what it skips. */
function pay(payer: Address, cumulative: bigint): object[] {
  if (skips.has(payer)) return [skippedLog(payer, cumulative)]
  const before = current(payer)
  const after = { ...before, collected: cumulative < before.allocated ? cumulative : before.allocated }
  if (payer === PAYER) channel = after
  else others.set(payer, after)
  return []
}

function skippedLog(payer: Address, cumulative: bigint): object {
  const event = { abi: abis.PaymentChannels, eventName: 'VoucherSkipped' } as const
  const types = [{ type: 'uint64' }, { type: 'uint128' }, { type: 'bytes4' }] as const
  return {
    address: PAYEE,
    topics: encodeEventTopics({ ...event, args: { payer, payee: PAYEE } }),
    data: encodeAbiParameters(types, [1n, cumulative, '0x12345678']),
  }
}

type Paid = { payer: Address; cumulative: bigint }
const vouchersOf = ({ functionName, args }: ContractCall) =>
  (functionName === 'collect' ? [args[0]] : args[1]) as Paid[]

const create = () =>
  createSettlement({
    book,
    channel: {
      current: async (payer) => (read.push(payer), current(payer)),
      final: async (payer) => final ?? current(payer),
    },
    sender: {
      async send(call) {
        fault?.()
        sent.push(call)
        const logs = vouchersOf(call).flatMap(({ payer, cumulative }) => pay(payer, cumulative))
        return { transactionHash: '0x02', logs } as never
      },
    },
    channels: PAYEE,
    payee: PAYEE,
    settleEveryMs: 1_000,
    minimumSettlement: 10n,
    thawSeconds,
    gas:
      wei === undefined
        ? undefined
        : {
            coinValue: 1_000n,
            settlementFactor: 20,
            cost: async (call) => wei! * BigInt(vouchersOf(call).length),
          },
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

  it('goes on after a disk that failed once', async () => {
    enter(10n)
    const { open } = book
    let failures = 1
    book = {
      ...book,
      open() {
        if (failures-- > 0) throw new Error('disk I/O error')
        return open()
      },
    }
    const settlement = create()
    await expect(settlement.settle()).rejects.toThrow('disk')
    await settlement.settle()
    expect(sent).toHaveLength(1)
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

  it('collects from many payers in one transaction, and from one alone', async () => {
    const settlement = create()
    for (let number = 1; number <= 3; number++) enter(20n, payerOf(number))
    enter(5n, payerOf(4)) // not worth it yet
    await settlement.settle()
    expect(sent.map(({ functionName }) => functionName)).toEqual(['collectCompact'])
    expect(sent[0]!.args[0]).toBe(PAYEE)
    expect(sent[0]!.args[1]).toEqual(
      [1, 2, 3].map((number) => ({
        payer: payerOf(number),
        cumulative: 20n,
        r: `0x${'11'.repeat(32)}`,
        vs: `0x${'11'.repeat(32)}`,
      })),
    )
    expect(book.totals()).toMatchObject({ collected: 60n, pending: 5n })

    enter(30n, payerOf(2))
    await settlement.settle()
    expect(sent.map(({ functionName }) => functionName)).toEqual(['collectCompact', 'collect'])
  })

  it('puts no more than 50 vouchers into a transaction', async () => {
    for (let number = 1; number <= 101; number++) enter(20n, payerOf(number))
    await create().settle()
    expect(sent.map((call) => vouchersOf(call).length)).toEqual([50, 50, 1])
  })

  it('counts what was skipped as not collected, and tries it alone from then on', async () => {
    const settlement = create()
    for (let number = 1; number <= 3; number++) enter(20n, payerOf(number))
    skips.add(payerOf(2))
    await settlement.settle()
    expect(book.totals()).toMatchObject({ collected: 40n, pending: 20n })

    skips.clear()
    for (const number of [1, 3]) enter(40n, payerOf(number))
    await settlement.settle()
    expect(sent.slice(1).map((call) => vouchersOf(call).map(({ payer }) => payer))).toEqual([
      [payerOf(2)],
      [payerOf(1), payerOf(3)],
    ])
    expect(sent[1]!.functionName).toBe('collect')
    expect(book.totals()).toMatchObject({ collected: 100n, pending: 0n })
  })

  it.each([
    { given: 'gas is cheap', price: 10n ** 15n, change: {}, everything: false, sends: 1 },
    { given: 'gas is dear', price: 2n * 10n ** 15n, change: {}, everything: false, sends: 0 },
    { given: 'it is, but the channel closes', price: 2n * 10n ** 15n, change: { thawingUntil: 5 }, sends: 1 },
    { given: 'it is, but the node stops', price: 2n * 10n ** 15n, change: {}, everything: true, sends: 1 },
    {
      given: 'the gas of a closing one costs more',
      price: 10n ** 17n,
      change: { thawingUntil: 5 },
      sends: 0,
    },
  ])('collects 20 times the gas, what can not wait as soon as it is worth it: $given', async (row) => {
    wei = row.price
    channel = { ...OPEN, ...row.change }
    enter(20n)
    await create().settle({ everything: row.everything ?? false })
    expect(sent).toHaveLength(row.sends)
    expect(book.totals()).toMatchObject({ collected: row.sends === 1 ? 20n : 0n })
  })

  it('leaves those that can wait while it collects those of closing channels', async () => {
    channel = { ...OPEN, thawingUntil: 5 }
    for (const payer of [PAYER, payerOf(1), payerOf(2)]) enter(20n, payer)
    wei = 10n ** 16n
    await create().settle()
    expect(sent.flatMap((call) => vouchersOf(call).map(({ payer }) => payer))).toEqual([PAYER])
  })

  it('holds none back for others in the batch that are not worth their gas', async () => {
    wei = 10n ** 16n // 10 of the token
    for (const number of [1, 2, 3]) enter(15n, payerOf(number))
    others.set(payerOf(4), { ...OPEN, allocated: 1_000n })
    enter(210n, payerOf(4))
    await create().settle()
    expect(sent.flatMap((call) => vouchersOf(call).map(({ payer }) => payer))).toEqual([payerOf(4)])
    expect(book.totals()).toMatchObject({ collected: 210n, pending: 45n })
  })

  it('reads channels with new vouchers, and of the others a part each time', async () => {
    for (let number = 1; number <= 1_000; number++) enter(5n, payerOf(number))
    thawSeconds = 3_600 // so often that each is looked at more than four times in it
    const settlement = create()
    for (let run = 0; run < 2; run++) await settlement.settle()
    expect(new Set(read).size).toBe(1_000)
    expect(read).toHaveLength(1_000)
    read = []
    enter(15n, payerOf(7))
    await settlement.settle()
    expect(read[0]).toBe(payerOf(7))
    expect(vouchersOf(sent[0]!).map(({ payer }) => payer)).toEqual([payerOf(7)])
  })

  it('reads more where channels can be closed sooner, and all of them at the stop', async () => {
    for (let number = 1; number <= 1_000; number++) enter(5n, payerOf(number))
    thawSeconds = 5
    const settlement = create()
    await settlement.settle()
    expect(read).toHaveLength(800)
    await settlement.settle({ everything: true })
    expect(read).toHaveLength(1_800)
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
