import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { priceOf, type Account, type Client } from '@teahouse/client'
import { fund, TEA, until } from '../../support/index.ts'
import { bytes, startNetwork, type TestNetwork } from './network.ts'

const TOPIC = '/teahouse-test/1/payments/utf8'
const PRICE = 1_500n
const PUSH_PRICE = 700n
const MESSAGES = 3
const PAID = {
  payments: {
    prices: { 'store-query': String(PRICE), lightpush: String(PUSH_PRICE) },
    freeQuota: 0,
    settleEveryMs: 300,
  },
}

const ALICE_PAID = BigInt(MESSAGES) * PUSH_PRICE

let net: TestNetwork
let bob: { account: Account; dir: string }
let client: Client

beforeAll(async () => {
  net = await startNetwork({ nodes: [PAID] })
  const alice = await net.client(await net.person())
  await alice.membership.join({ rateLimit: 20 })
  for (let i = 0; i < MESSAGES; i++) {
    const message = { contentTopic: TOPIC, payload: bytes(`message ${i}`) }
    if (i === 0)
      await expect(alice.send(message)).rejects.toMatchObject({ cause: { code: 'TOO_MANY_REQUESTS' } })
    expect(await alice.send({ ...message, pay: true })).toMatchObject({ paid: PUSH_PRICE })
  }
  await until('the node has collected', async () => (await earned()) === ALICE_PAID)
  bob = await net.person()
  client = await net.client(bob)
})
afterAll(() => net?.stop())

const earned = () => net.chain.at.Token.read.balanceOf([net.nodes[0]!.payee])
const query = (over: object = {}) => ({ contentTopic: TOPIC, pay: true, ...over })

describe('paying for history', () => {
  it('happens when the node asks, at the price of its signed offer, and the node collects exactly that', async () => {
    const offer = await client.offer()
    expect(priceOf(offer, 'store-query')).toBe(PRICE)
    const before = await earned()
    const { messages, paid } = await client.history(query())
    expect(messages).toHaveLength(MESSAGES)
    expect(paid).toBe(PRICE)
    await until('the node has collected', async () => (await earned()) === before + PRICE)
  })

  it('counts each page, in both directions', async () => {
    for (const newest of [false, true]) {
      const { messages, paid, pages } = await client.history(query({ newest, pageSize: 1 }))
      expect(messages.map(({ timestamp }) => timestamp)).toEqual(
        messages.map(({ timestamp }) => timestamp).sort(),
      )
      expect(messages).toHaveLength(MESSAGES)
      expect(paid).toBe(BigInt(pages) * PRICE)
    }
    expect((await client.history(query({ newest: true, limit: 1 }))).messages[0]!.payload).toEqual(
      bytes('message 2'),
    )
  })

  it('goes on after a restart, and after the record of vouchers was lost', async () => {
    expect(await (await net.client(bob)).history(query())).toMatchObject({ paid: PRICE })
    const signed = await client.payments.signed(net.nodes[0]!.operatorId)
    await until('the node has collected', async () => (await earned()) === ALICE_PAID + signed)
    const restored = await net.client({ ...bob, dir: await mkdtemp(join(tmpdir(), 'teahouse-restored-')) })
    expect(await restored.history(query())).toMatchObject({ paid: PRICE })
    // What the restored state has signed, the first one learns from the chain alone.
    await until('the node has collected', async () => (await earned()) === ALICE_PAID + signed + PRICE)
  })

  it('uses what was paid ahead', async () => {
    const eve = await net.client(await net.person())
    const { credit } = await eve.payments.payNode(net.nodes[0]!.operatorId, 2n * PRICE)
    expect(credit).toBe(2n * PRICE)
    for (const paid of [0n, 0n, PRICE]) expect(await eve.history(query())).toMatchObject({ paid })
  })
})

describe('when it must refuse', () => {
  it('to pay unasked', async () => {
    const asking = client.history({ contentTopic: TOPIC })
    await expect(asking).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' })
  })

  it('to pay more than it was told', async () => {
    const before = await client.payments.signed(net.nodes[0]!.operatorId)
    const asking = client.history(query({ maxPaid: PRICE - 1n }))
    await expect(asking).rejects.toMatchObject({ code: 'TOO_EXPENSIVE' })
    expect(await client.payments.signed(net.nodes[0]!.operatorId)).toBe(before)
  })

  it('without tokens', async () => {
    const person = await net.person()
    const poor = await net.client(person)
    await poor.pay(net.chain.faucet.account.address, 100n * TEA)
    await expect(poor.history(query())).rejects.toMatchObject({ code: 'NOT_ENOUGH_TOKENS' })
    await fund(net.chain, person.account.address, TEA)
    expect(await poor.history(query())).toMatchObject({ paid: PRICE })
  })
})
