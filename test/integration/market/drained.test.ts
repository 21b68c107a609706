import { isAddressEqual, type Address } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { signVoucher } from '@teahouse/protocol/payments'
import {
  mined,
  newLightPeer,
  newWallet,
  prepareNode,
  spawnNode,
  startChain,
  TEA,
  until,
  type LightPeer,
  type NodeProcess,
  type TestChain,
  type TestWallet,
} from '../../support/index.ts'

const PRICE = 1_000n
const ALLOCATED = 100n * PRICE
/** What a payer has signed for when it begins to leave, and has used of it. */
const SIGNED = 5n * PRICE
const USED = 2n
/** For a place before or behind the node's transaction in a block. */
const FIRST = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 11n }
const LAST = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 1n }
const GAS = 200_000n

let chain: TestChain
let node: NodeProcess
let payee: Address
let peer: LightPeer
let payer: TestWallet
let atFirst: bigint
let booksAtFirst: Books

type Books = Readonly<Record<'credited' | 'collected' | 'pending' | 'lost', bigint>>

beforeAll(async () => {
  chain = await startChain()
  const payments = { prices: { 'store-query': `${PRICE}` }, freeQuota: 0, settleEveryMs: 300 }
  // What does not close is far from worth a transaction.
  const config = { payments: { ...payments, minimumSettlement: String(TEA) } }
  node = await spawnNode(await prepareNode(chain, { config }))
  payee = node.payee
})
afterAll(async () => {
  await node?.kill()
  await chain?.stop()
})
afterEach(async () => {
  await peer?.stop()
  await mineByItself(true)
})

async function mineByItself(does: boolean): Promise<void> {
  await chain.control.setAutomine(does)
  await chain.control.setIntervalMining({ interval: does ? 1 : 0 })
}

const balance = () => chain.at.Token.read.balanceOf([payee])
const channel = () => chain.at.PaymentChannels.read.account([payer.account.address, payee])
const queries = async (count: bigint) => {
  for (let asked = 0n; asked < count; asked++) expect(await peer.query()).toMatchObject({ statusCode: 200 })
}

async function books(): Promise<Books> {
  const { credited, collected, pending, lost } = (await node.info()).payments
  return {
    credited: BigInt(credited),
    collected: BigInt(collected),
    pending: BigInt(pending),
    lost: BigInt(lost),
  }
}

/** What the books say of this payer alone. */
async function change(): Promise<Books> {
  const now = await books()
  const since = (name: keyof Books) => now[name] - booksAtFirst[name]
  return {
    credited: since('credited'),
    collected: since('collected'),
    pending: since('pending'),
    lost: since('lost'),
  }
}

async function pay(cumulative: bigint) {
  const { epoch } = await channel()
  const voucher = { payer: payer.account.address, payee, epoch: BigInt(epoch), cumulative }
  const { PaymentChannels } = chain.contracts
  return await peer.pay(voucher, await signVoucher(payer.account, PaymentChannels, chain.chainId, voucher))
}

/** Whether a transaction of an account waits for the next block. */
async function isPending(from: Address): Promise<boolean> {
  const { transactions } = await chain.client.getBlock({ blockTag: 'pending', includeTransactions: true })
  return transactions.some((one) => isAddressEqual(one.from, from))
}

/** A new payer with a channel, on a connection of its own, that has signed for more than it has used. */
async function newPayer(): Promise<void> {
  payer = await newWallet(chain, TEA)
  const { PaymentChannels } = payer.at
  await mined(chain, PaymentChannels.write.deposit([payer.account.address, ALLOCATED]))
  await mined(chain, PaymentChannels.write.allocate([payee, ALLOCATED, payer.account.address]))
  peer = await newLightPeer((await node.info()).multiaddrs[0]!)
  ;[atFirst, booksAtFirst] = [await balance(), await books()]
  expect(await pay(SIGNED)).toMatchObject({ statusCode: 200, credit: SIGNED })
  await queries(USED)
  expect(await change()).toMatchObject({ credited: SIGNED, pending: SIGNED })
}

/** The payer begins to leave, the node's collection waits in the pool, and the thaw is over before anything else is mined. */
async function thawOverWhileCollecting(): Promise<void> {
  await mineByItself(false)
  await payer.at.PaymentChannels.write.thaw([payee])
  await chain.control.mine({ blocks: 1 })
  await until('the collection waits', () => isPending(node.node))
  const { thawingUntil } = await channel()
  await chain.control.setNextBlockTimestamp({ timestamp: BigInt(thawingUntil) })
}

/** Mines what waits of both, and gives the order in which it was. */
async function mineBoth(): Promise<Address[]> {
  await until(
    'both wait',
    async () => (await isPending(node.node)) && (await isPending(payer.account.address)),
  )
  await chain.control.mine({ blocks: 1 })
  const { transactions } = await chain.client.getBlock({ includeTransactions: true })
  return transactions.map(({ from }) => from)
}

const orderOf = (...all: Address[]) => all.map((one) => one.toLowerCase())

describe('a payer that begins to leave in the block in which the node collects', () => {
  it.each([
    { order: 'before it', fees: FIRST, isFirst: true },
    { order: 'behind it', fees: LAST, isFirst: false },
  ])(
    '$order: the node has all that was signed for, serves what was paid, and takes no more',
    async (given) => {
      await newPayer()
      // A total that is worth a transaction.
      await mined(chain, chain.at.Token.write.mint([payer.account.address, 2n * TEA]))
      const { PaymentChannels } = payer.at
      await mined(chain, PaymentChannels.write.deposit([payer.account.address, 2n * TEA]))
      await mined(chain, PaymentChannels.write.allocate([payee, 2n * TEA, payer.account.address]))
      await mineByItself(false)
      expect(await pay(TEA)).toMatchObject({ statusCode: 200 })
      await until('the collection waits', () => isPending(node.node))
      await PaymentChannels.write.thaw([payee], { ...given.fees, gas: GAS })
      const [leaving, collecting] = [payer.account.address, node.node]
      const order = given.isFirst ? orderOf(leaving, collecting) : orderOf(collecting, leaving)
      expect(orderOf(...(await mineBoth()))).toEqual(order)
      await mineByItself(true)
      await until('the book agrees', async () => (await change()).collected === TEA)
      expect(await balance()).toBe(atFirst + TEA)
      expect(await change()).toEqual({ credited: TEA, collected: TEA, pending: 0n, lost: 0n })
      await queries(1n)
      expect(await pay(TEA + PRICE)).toMatchObject({
        statusCode: 402,
        statusDesc: expect.stringMatching(/^CLOSE_PENDING/),
      })
    },
  )
})

describe('a payer that takes its deposit back in the block in which the node collects', () => {
  it('behind it: the node has what was signed for, and serves what was paid', async () => {
    await newPayer()
    await thawOverWhileCollecting()
    await payer.at.PaymentChannels.write.deallocate([payee], { ...LAST, gas: GAS })
    expect(orderOf(...(await mineBoth()))).toEqual(orderOf(node.node, payer.account.address))
    await mineByItself(true)
    await until('the book agrees', async () => (await change()).collected === SIGNED)
    expect(await balance()).toBe(atFirst + SIGNED)
    expect(await change()).toEqual({ credited: SIGNED, collected: SIGNED, pending: 0n, lost: 0n })
    await queries(SIGNED / PRICE - USED)
    expect(await peer.query()).toMatchObject({ statusCode: 429 })
    expect(await pay(SIGNED + PRICE)).toMatchObject({ statusCode: 402 })
  })

  it('before it: the node loses what was pending, says so, and gives nothing more for it', async () => {
    await newPayer()
    await thawOverWhileCollecting()
    const { pending: exposure } = await change()
    await payer.at.PaymentChannels.write.deallocate([payee], { ...FIRST, gas: GAS })
    expect(orderOf(...(await mineBoth()))).toEqual(orderOf(payer.account.address, node.node))
    await mineByItself(true)
    await until('the books say so', async () => (await change()).pending === 0n)
    expect(await balance()).toBe(atFirst)
    expect(await change()).toEqual({ credited: SIGNED, collected: 0n, pending: 0n, lost: exposure })
    expect(exposure).toBe(SIGNED)
    // Three units are paid for and not used, by a voucher that is worth nothing.
    expect(await peer.query()).toMatchObject({ statusCode: 429 })
    for (const total of [SIGNED, SIGNED + PRICE])
      expect(await pay(total)).toMatchObject({
        statusCode: 402,
        credit: 0n,
        statusDesc: expect.stringMatching(/^CHANNEL_CLOSED/),
      })
    expect(await peer.query()).toMatchObject({ statusCode: 429 })
    expect(node.output()).toContain('Could not settle')
  })

  it('and comes back: it pays for a new epoch as anybody, and the loss stays in the books', async () => {
    const { lost } = await books()
    const { PaymentChannels } = payer.at
    await mined(chain, PaymentChannels.write.allocate([payee, ALLOCATED, payer.account.address]))
    peer = await newLightPeer((await node.info()).multiaddrs[0]!)
    expect(await pay(PRICE)).toMatchObject({ statusCode: 200, credit: PRICE })
    await queries(1n)
    expect(await peer.query()).toMatchObject({ statusCode: 429 })
    expect(await books()).toMatchObject({ lost })
  })
})
