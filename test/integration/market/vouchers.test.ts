import { bytesToHex, type Address } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { offerId, signVoucher, verifyOffer, type Voucher } from '@teahouse/protocol/payments'
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
const ALLOCATED = 10n * PRICE

let chain: TestChain
let node: NodeProcess
let peer: LightPeer
let bob: TestWallet
let payee: Address
const stranger = privateKeyToAccount(generatePrivateKey())

beforeAll(async () => {
  chain = await startChain()
  const payments = {
    prices: { 'store-query': `${PRICE}` },
    freeQuota: 0,
    settleEveryMs: 300,
    minimumSettlement: '2000',
  }
  node = await spawnNode(await prepareNode(chain, { config: { payments } }))
  payee = node.payee
  peer = await newLightPeer((await node.info()).multiaddrs[0]!)
  bob = await openChannel(ALLOCATED)
})

afterAll(async () => {
  await peer?.stop()
  await node?.kill()
  await chain?.stop()
})

/** A new payer with a channel to the node. */
async function openChannel(allocated: bigint): Promise<TestWallet> {
  const payer = await newWallet(chain, TEA)
  const { PaymentChannels } = payer.at
  await mined(chain, PaymentChannels.write.deposit([payer.account.address, allocated]))
  await mined(chain, PaymentChannels.write.allocate([payee, allocated, payer.account.address]))
  return payer
}

const voucherOf = (payer: TestWallet, cumulative: bigint): Voucher => ({
  payer: payer.account.address,
  payee,
  epoch: 1n,
  cumulative,
})

interface Signing {
  readonly chainId?: number
  readonly channels?: Address
  readonly by?: Parameters<typeof signVoucher>[0]
}

async function pay(
  voucher: Voucher,
  payer: TestWallet,
  { chainId, channels, by }: Signing = {},
  over = peer,
) {
  const contract = channels ?? chain.contracts.PaymentChannels
  return await over.pay(
    voucher,
    await signVoucher(by ?? payer.account, contract, chainId ?? chain.chainId, voucher),
  )
}

const newPeer = async () => newLightPeer((await node.info()).multiaddrs[0]!)
const balance = () => chain.at.Token.read.balanceOf([payee])

describe('an offer', () => {
  it('is signed by the node, names the payee and the prices, and its id stands in the refusal of unpaid use', async () => {
    const { statusCode, offer } = await peer.offer()
    expect(statusCode).toBe(200)
    const terms = {
      operatorId: offer!.operatorId,
      payee: bytesToHex(offer!.payee),
      validUntil: offer!.validUntil,
      prices: offer!.prices.map((price) => ({
        ...price,
        price: price.price.length ? BigInt(bytesToHex(price.price)) : 0n,
      })),
    }
    expect(terms).toMatchObject({ operatorId: node.operatorId, payee: payee.toLowerCase() })
    expect(terms.prices).toContainEqual({
      service: 'store-query',
      price: PRICE,
      freeQuota: 0,
      quotaWindowSeconds: 60,
      maxUnits: 0,
      maxBytes: 0,
      memberQuota: 1_000,
    })
    const { PaymentChannels } = chain.contracts
    const now = { node: node.node, nowSeconds: BigInt(Math.floor(Date.now() / 1_000)) }
    await verifyOffer(PaymentChannels, chain.chainId, terms, bytesToHex(offer!.signature), now)

    const refused = await peer.query()
    expect(refused.statusCode).toBe(429)
    expect(refused.statusDesc).toContain(offerId(PaymentChannels, chain.chainId, terms))
  })
})

describe('a voucher that must be refused', () => {
  it.each([
    { given: 'another payee', change: { payee: stranger.address }, signing: {}, code: 'WRONG_PAYEE' },
    { given: 'another epoch', change: { epoch: 2n }, signing: {}, code: 'WRONG_EPOCH' },
    {
      given: 'a total over the allocation',
      change: { cumulative: ALLOCATED + 1n },
      signing: {},
      code: 'OVER_ALLOCATION',
    },
    { given: 'another signer', change: {}, signing: { by: stranger }, code: 'WRONG_SIGNER' },
    { given: 'another chain', change: {}, signing: { chainId: 1 }, code: 'WRONG_SIGNER' },
    { given: 'another contract', change: {}, signing: { channels: stranger.address }, code: 'WRONG_SIGNER' },
    {
      given: 'a payer without a channel',
      change: { payer: stranger.address },
      signing: { by: stranger },
      code: 'CHANNEL_CLOSED',
    },
  ])('with $given: $code, and it gives no credit', async ({ change, signing, code }) => {
    const answer = await pay({ ...voucherOf(bob, PRICE), ...change }, bob, signing)
    expect(answer).toMatchObject({ statusCode: 402, credit: 0n })
    expect(answer.statusDesc).toMatch(new RegExp(`^${code}: `))
    expect(await peer.query()).toMatchObject({ statusCode: 429 })
    expect((await node.info()).payments).toMatchObject({ credited: '0' })
  })

  it('with a signature that is none: MALFORMED', async () => {
    const answer = await peer.pay(voucherOf(bob, PRICE), `0x${'00'.repeat(65)}`)
    expect(answer).toMatchObject({ statusCode: 400, statusDesc: expect.stringMatching(/^MALFORMED: /) })
  })
})

describe('a voucher', () => {
  it('pays for exactly what it is worth, once, and is settled when it is worth the transaction', async () => {
    const before = await balance()
    expect(await pay(voucherOf(bob, PRICE), bob)).toMatchObject({
      statusCode: 200,
      credit: PRICE,
      cumulative: PRICE,
    })
    expect(await pay(voucherOf(bob, PRICE), bob)).toMatchObject({
      statusCode: 200,
      credit: PRICE,
      cumulative: PRICE,
    })
    expect(await peer.query()).toMatchObject({ statusCode: 200 })
    expect(await peer.query()).toMatchObject({ statusCode: 429 })
    expect(await pay(voucherOf(bob, PRICE), bob)).toMatchObject({ statusCode: 200, credit: 0n })

    expect(await pay(voucherOf(bob, 3n * PRICE), bob)).toMatchObject({ statusCode: 200, credit: 2n * PRICE })
    expect(await peer.query()).toMatchObject({ statusCode: 200 })
    await until('the node collected', async () => (await balance()) === before + 3n * PRICE)
    await until('the book agrees', async () => (await node.info()).payments.collected === `${3n * PRICE}`)
    expect((await node.info()).payments).toMatchObject({ pending: '0' })
  })

  it('over less than the one before is refused: NOT_INCREASING, with the total that is booked', async () => {
    const answer = await pay(voucherOf(bob, 2n * PRICE), bob)
    expect(answer).toMatchObject({ statusCode: 402, cumulative: 3n * PRICE })
    expect(answer.statusDesc).toMatch(/^NOT_INCREASING: /)
  })

  it('that is public on chain gives nobody else the credit that is left', async () => {
    const thief = await newPeer()
    expect(await pay(voucherOf(bob, 3n * PRICE), bob, {}, thief)).toMatchObject({
      statusCode: 200,
      credit: 0n,
    })
    expect(await thief.query()).toMatchObject({ statusCode: 429 })
    await thief.stop()
    expect(await peer.query()).toMatchObject({ statusCode: 200 })
  })

  it('and its credit outlive a kill of the node', async () => {
    const carol = await openChannel(ALLOCATED)
    expect(await pay(voucherOf(carol, PRICE), carol)).toMatchObject({ statusCode: 200, credit: PRICE })
    await node.kill('SIGKILL')
    await peer.stop()
    node = await spawnNode(node)
    peer = await newPeer()
    expect(await pay(voucherOf(carol, PRICE), carol)).toMatchObject({ statusCode: 200, credit: PRICE })
    expect(await peer.query()).toMatchObject({ statusCode: 200 })
    expect(await peer.query()).toMatchObject({ statusCode: 429 })
  })

  it('of a channel that closes is collected at any amount, and no new one is taken: CLOSE_PENDING', async () => {
    const dave = await openChannel(ALLOCATED)
    const before = await balance()
    expect(await pay(voucherOf(dave, 1n), dave)).toMatchObject({ statusCode: 200 })
    await mined(chain, dave.at.PaymentChannels.write.thaw([payee]))
    const answer = await pay(voucherOf(dave, 2n), dave)
    expect(answer.statusDesc).toMatch(/^CLOSE_PENDING: /)
    await until('the node collected', async () => (await balance()) === before + 1n)
  })

  it('below the minimum is collected when the node stops, with all others in one transaction', async () => {
    const erin = await openChannel(ALLOCATED)
    const frank = await openChannel(ALLOCATED)
    const before = await balance()
    const pending = BigInt((await node.info()).payments.pending)
    expect(await pay(voucherOf(erin, 7n), erin)).toMatchObject({ statusCode: 200 })
    expect(await pay(voucherOf(frank, 5n), frank)).toMatchObject({ statusCode: 200 })
    await peer.stop()
    expect(await node.kill()).toEqual({ code: 0, signal: null })
    expect(await balance()).toBe(before + pending + 12n)
    const payers = [erin.account.address, frank.account.address]
    const collected = await chain.at.PaymentChannels.getEvents.Collected(
      { payer: payers, payee },
      { fromBlock: 0n },
    )
    expect(collected.map(({ args }) => args.paid)).toEqual(expect.arrayContaining([7n, 5n]))
    expect(new Set(collected.map(({ transactionHash }) => transactionHash)).size).toBe(1)
  })
})
