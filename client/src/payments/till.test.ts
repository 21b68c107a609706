import { recoverVoucherSigner } from '@teahouse/protocol/payments'
import { PayRequest, PayResponse } from '@teahouse/protocol/wire'
import { bytesToBigInt, bytesToHex, numberToBytes, type Address } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import { createAccount } from '../account/account.ts'
import type { Chain } from '../chain/chain.ts'
import type { NodeRecord } from '../net/directory.ts'
import type { Peer } from '../net/peer.ts'
import { memoryStore } from '../storage/store.ts'
import { createBudget } from './budget.ts'
import type { Channels } from './channel.ts'
import { isPaidInVain } from './errors.ts'
import type { Offers } from './offers.ts'
import { createTill } from './till.ts'
import { voucherBook } from './voucher-book.ts'

const PRICE = 1_000n
const CHANNELS: Address = `0x${'9'.repeat(40)}`
const PAYEE: Address = `0x${'2'.repeat(40)}`
const NODE: NodeRecord = {
  operatorId: 1,
  node: `0x${'1'.repeat(40)}`,
  payee: PAYEE,
  peerId: 'node',
  multiaddrs: [],
  services: ['store'],
  staked: 0n,
  priceHint: PRICE,
}
const account = createAccount()

let storage: ReturnType<typeof memoryStore>
/** What the node and the chain hold. */
let held: bigint
let spent: bigint
let collected: bigint
let answer: (cumulative: bigint) => Partial<PayResponse> | undefined
let presented: bigint[]
/** What the channel was to hold beyond what is signed for. */
let putAside: bigint[]
/** How long a voucher is under way. */
let delay: (cumulative: bigint) => Promise<void>
/** What the node asks. */
let price: bigint
/** What the channel holds by the chain, and transactions that put more aside. */
let allocated: bigint
let covers: bigint[]

beforeEach(() => {
  storage = memoryStore()
  ;[held, spent, collected, presented] = [0n, 0n, 0n, []]
  answer = () => undefined
  delay = async () => undefined
  putAside = []
  price = PRICE
  ;[allocated, covers] = [10n ** 9n, []]
})

async function take(bytes: Uint8Array): Promise<Uint8Array> {
  const { requestId, voucher } = PayRequest.decode(bytes)
  const cumulative = bytesToBigInt(voucher!.cumulative)
  const signed = { payer: account.address, payee: PAYEE, epoch: voucher!.epoch, cumulative }
  expect(await recoverVoucherSigner(CHANNELS, 31_337, signed, bytesToHex(voucher!.signature))).toBe(
    account.address,
  )
  await delay(cumulative)
  presented.push(cumulative)
  const other = answer(cumulative)
  if (other) return PayResponse.encode({ requestId, ...other })
  held = cumulative > held ? cumulative : held
  const [credit, total] = [numberToBytes(held - spent), numberToBytes(held)]
  return PayResponse.encode({ requestId, statusCode: 200, credit, cumulative: total })
}

/** Buys one unit; what it came to. */
async function buy(limit?: bigint, node = NODE): Promise<bigint> {
  const budget = createBudget(limit)
  await till().buy(node, { 'store-query': 1 }, budget)
  return budget.paid
}

function till() {
  const state = async () => ({ epoch: 1n, allocated, collected, open: true })
  const cover = async (_payee: Address, total: bigint, spare: bigint) => {
    putAside.push(spare)
    const isNew = total > allocated
    if (isNew) covers.push((allocated = total))
    return { ...(await state()), isNew }
  }
  return createTill({
    chain: {
      network: { chainId: 31_337 },
      contracts: { PaymentChannels: { address: CHANNELS } },
    } as unknown as Chain,
    account,
    peer: {
      request: (_node: unknown, _protocol: string, bytes: Uint8Array) => take(bytes),
    } as unknown as Peer,
    offers: {
      get: async () => ({
        prices: [
          { service: 'store-query', price },
          { service: 'store-kilobyte', price: 10n },
        ],
      }),
    } as unknown as Offers,
    channels: { state, cover } as unknown as Channels,
    book: voucherBook(storage, 's'),
    waits: [1, 1],
  })
}

describe('buying one unit', () => {
  it('signs for exactly the price, each time', async () => {
    for (const total of [PRICE, 2n * PRICE, 3n * PRICE]) {
      expect(await buy()).toBe(PRICE)
      expect(held).toBe(total)
      spent = total
    }
  })

  it('pays for several services in one voucher', async () => {
    const budget = createBudget(10n * PRICE)
    await till().buy(NODE, { 'store-query': 2, 'store-kilobyte': 16, tea: 1 }, budget)
    expect([budget.paid, held]).toEqual([2n * PRICE + 160n, 2n * PRICE + 160n])
  })

  it('uses what a lost answer has paid, and pays nothing more', async () => {
    answer = () => ({ statusCode: 500 })
    await expect(buy()).rejects.toMatchObject({ code: 'VOUCHER_REFUSED' })
    answer = () => undefined
    expect(await buy()).toBe(0n)
    expect(presented).toEqual([PRICE, PRICE])
  })

  it('pays what is missing if credit is left', async () => {
    await buy()
    spent = 400n
    expect(await buy()).toBe(400n)
  })

  it('pays again if a node takes each voucher but once', async () => {
    await buy()
    answer = (cumulative) =>
      cumulative > held ? undefined : { statusCode: 402, statusDesc: 'NOT_INCREASING: is booked already' }
    expect(await buy()).toBe(PRICE)
    expect(presented).toEqual([PRICE, PRICE, 2n * PRICE])
  })

  it('counts what it signed for when the node takes it and refuses', async () => {
    answer = () => ({ statusCode: 500 })
    const budget = createBudget(2n * PRICE)
    await expect(till().buy(NODE, { 'store-query': 1 }, budget)).rejects.toMatchObject({
      code: 'VOUCHER_REFUSED',
    })
    expect(budget).toMatchObject({ paid: PRICE, left: PRICE })
  })

  it('shows one voucher after the other, though one is slow', async () => {
    delay = (cumulative) => new Promise((resolve) => setTimeout(resolve, cumulative === PRICE ? 20 : 0))
    const one = till()
    await Promise.all([one.pay(NODE, PRICE), one.pay(NODE, PRICE), one.pay(NODE, PRICE)])
    expect(presented).toEqual([PRICE, 2n * PRICE, 3n * PRICE])
  })

  it('puts more aside for payments that come together, before each is signed for', async () => {
    allocated = 0n
    const one = till()
    await Promise.all([one.pay(NODE, PRICE), one.pay(NODE, PRICE)])
    expect(presented).toEqual([PRICE, 2n * PRICE])
    expect(covers).toEqual([PRICE, 2n * PRICE])
  })

  it('shows a voucher again to a node that has not seen yet what covers it', async () => {
    allocated = 0n
    let behind = 2
    answer = () => (behind-- > 0 ? { statusCode: 402, statusDesc: 'CHANNEL_CLOSED: not open' } : undefined)
    expect(await buy()).toBe(PRICE)
    expect(presented).toEqual([PRICE, PRICE, PRICE])
  })

  it('pays without a transaction out of what is put aside, if nothing else is wanted', async () => {
    const buyCovered = () => till().buy(NODE, { 'store-query': 1 }, createBudget(), { covered: true })
    allocated = PRICE
    await buyCovered()
    spent = held
    await expect(buyCovered()).rejects.toMatchObject({
      detail: { code: 'NOT_COVERED', total: 2n * PRICE, allocated: PRICE },
    })
    expect([presented, covers]).toEqual([[PRICE, PRICE], []])
  })

  it('puts aside enough for the next ones, but never more than it may pay', async () => {
    await buy()
    spent = held
    await buy(3n * PRICE)
    expect(putAside).toEqual([50n * PRICE, 2n * PRICE])
  })

  it('goes on from what the chain has paid out, if the book was lost', async () => {
    held = collected = spent = 7n * PRICE
    expect(await buy()).toBe(PRICE)
    expect(held).toBe(8n * PRICE)
  })
})

describe('when it must refuse', () => {
  it('a price over the limit, before anything is signed', async () => {
    await expect(buy(PRICE - 1n)).rejects.toMatchObject({ code: 'TOO_EXPENSIVE' })
    expect(presented).toEqual([])
  })

  it('a price over what is left of the budget, after an earlier payment', async () => {
    const budget = createBudget(2n * PRICE - 1n)
    await till().buy(NODE, { 'store-query': 1 }, budget)
    spent = held
    await expect(till().buy(NODE, { 'store-query': 1 }, budget)).rejects.toMatchObject({
      detail: { code: 'TOO_EXPENSIVE', price: PRICE, limit: PRICE - 1n },
    })
    expect(budget.paid).toBe(PRICE)
  })

  it.each([
    { given: 'announced 1000', hint: PRICE, limit: 4_000n },
    { given: 'announced nothing', hint: 0n, limit: 10_000n },
    { given: 'announced a fortune', hint: 10n ** 12n, limit: 1_000_000n },
  ])('without a limit, a price above the usual of an operator that $given', async ({ hint, limit }) => {
    const node = { ...NODE, priceHint: hint }
    price = limit + 1n
    await expect(buy(undefined, node)).rejects.toMatchObject({
      detail: { code: 'TOO_EXPENSIVE', price, limit },
    })
    expect([presented, putAside]).toEqual([[], []])
    expect(await buy(price, node)).toBe(price)
    price = limit
    held = spent = 0n
    storage = memoryStore()
    expect(await buy(undefined, node)).toBe(limit)
  })

  it('without a limit, more than 10 tokens for all units of one call', async () => {
    price = 1_000_000n
    const node = { ...NODE, priceHint: price }
    const budget = createBudget()
    for (let units = 0; units < 10; units++) {
      await till().buy(node, { 'store-query': 1 }, budget)
      spent = held
    }
    await expect(till().buy(node, { 'store-query': 1 }, budget)).rejects.toMatchObject({
      detail: { code: 'TOO_EXPENSIVE', price, limit: 0n },
    })
    expect([budget.paid, held]).toEqual([10n * price, 10n * price])
  })

  it('a service that the offer does not list', async () => {
    await expect(till().buy(NODE, { tea: 1 })).rejects.toMatchObject({ code: 'NOT_FOR_SALE' })
  })

  it('a node that claims more than was ever signed', async () => {
    answer = (cumulative) => ({ statusCode: 402, cumulative: numberToBytes(cumulative + 1n) })
    await expect(buy()).rejects.toMatchObject({ code: 'VOUCHERS_LOST' })
  })

  it('a node that takes the money and refuses', async () => {
    answer = () => ({ statusCode: 402, statusDesc: 'WRONG_EPOCH' })
    const detail = { code: 'VOUCHER_REFUSED', status: 402, description: 'WRONG_EPOCH' }
    for (let i = 0; i < 3; i++) {
      const error: unknown = await buy().catch((err: unknown) => err)
      expect(error).toMatchObject({ detail })
      expect(isPaidInVain(error)).toBe(true) // so another node is asked
    }
    expect(presented).toEqual([PRICE, PRICE, PRICE]) // never a second one
  })
})
