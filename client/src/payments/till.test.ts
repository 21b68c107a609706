import { recoverVoucherSigner } from '@teahouse/protocol/payments'
import { PayRequest, PayResponse } from '@teahouse/protocol/wire'
import { bytesToBigInt, bytesToHex, numberToBytes, type Address } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import { createAccount } from '../account/account.ts'
import type { Chain } from '../chain/chain.ts'
import type { NodeRecord } from '../net/directory.ts'
import type { Peer } from '../net/peer.ts'
import { memoryStore } from '../storage/store.ts'
import type { Channels } from './channel.ts'
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
}
const account = createAccount()

let storage: ReturnType<typeof memoryStore>
/** What the node and the chain hold. */
let held: bigint
let spent: bigint
let collected: bigint
let answer: (cumulative: bigint) => Partial<PayResponse> | undefined
let presented: bigint[]

beforeEach(() => {
  storage = memoryStore()
  ;[held, spent, collected, presented] = [0n, 0n, 0n, []]
  answer = () => undefined
})

async function take(bytes: Uint8Array): Promise<Uint8Array> {
  const { requestId, voucher } = PayRequest.decode(bytes)
  const cumulative = bytesToBigInt(voucher!.cumulative)
  const signed = { payer: account.address, payee: PAYEE, epoch: voucher!.epoch, cumulative }
  expect(await recoverVoucherSigner(CHANNELS, 31_337, signed, bytesToHex(voucher!.signature))).toBe(
    account.address,
  )
  presented.push(cumulative)
  const other = answer(cumulative)
  if (other) return PayResponse.encode({ requestId, ...other })
  held = cumulative > held ? cumulative : held
  const [credit, total] = [numberToBytes(held - spent), numberToBytes(held)]
  return PayResponse.encode({ requestId, statusCode: 200, credit, cumulative: total })
}

function till() {
  const state = async () => ({ epoch: 1n, allocated: 10n ** 9n, collected, open: true })
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
      get: async () => ({ prices: [{ service: 'store-query', price: PRICE }] }),
    } as unknown as Offers,
    channels: { state, cover: state } as unknown as Channels,
    book: voucherBook(storage, 's'),
  })
}

describe('buying one unit', () => {
  it('signs for exactly the price, each time', async () => {
    for (const total of [PRICE, 2n * PRICE, 3n * PRICE]) {
      expect(await till().buy(NODE, 'store-query')).toBe(PRICE)
      expect(held).toBe(total)
      spent = total
    }
  })

  it('uses what a lost answer has paid, and pays nothing more', async () => {
    answer = () => ({ statusCode: 500 })
    await expect(till().buy(NODE, 'store-query')).rejects.toMatchObject({ code: 'VOUCHER_REFUSED' })
    answer = () => undefined
    expect(await till().buy(NODE, 'store-query')).toBe(0n)
    expect(presented).toEqual([PRICE, PRICE])
  })

  it('pays what is missing if credit is left', async () => {
    await till().buy(NODE, 'store-query')
    spent = 400n
    expect(await till().buy(NODE, 'store-query')).toBe(400n)
  })

  it('goes on from what the chain has paid out, if the book was lost', async () => {
    held = collected = spent = 7n * PRICE
    expect(await till().buy(NODE, 'store-query')).toBe(PRICE)
    expect(held).toBe(8n * PRICE)
  })
})

describe('when it must refuse', () => {
  it('a price over the limit, before anything is signed', async () => {
    await expect(till().buy(NODE, 'store-query', PRICE - 1n)).rejects.toMatchObject({ code: 'TOO_EXPENSIVE' })
    expect(presented).toEqual([])
  })

  it('a service that the offer does not list', async () => {
    await expect(till().buy(NODE, 'tea')).rejects.toMatchObject({ code: 'NOT_FOR_SALE' })
  })

  it('a node that claims more than was ever signed', async () => {
    answer = (cumulative) => ({ statusCode: 402, cumulative: numberToBytes(cumulative + 1n) })
    await expect(till().buy(NODE, 'store-query')).rejects.toMatchObject({ code: 'VOUCHERS_LOST' })
  })

  it('a node that takes the money and refuses', async () => {
    answer = () => ({ statusCode: 402, statusDesc: 'WRONG_EPOCH' })
    await expect(till().buy(NODE, 'store-query')).rejects.toMatchObject({
      detail: { code: 'VOUCHER_REFUSED', status: 402, description: 'WRONG_EPOCH' },
    })
  })
})
