// What must come of an order when something goes wrong. Needs the network of `npm start`, whose clock it moves by about two minutes.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { localNetwork, localPeople, type LocalPeople } from '@teahouse/client/node'
import { approve, makeOffer, order } from './app.ts'

const [DRAWING, POT] = [400_000n, 1_600_000n]
const PRICE = DRAWING + POT
const FEE_BPS = 100n
const yes = () => true

describe('an order in milestones', () => {
  let local: LocalPeople<'buyer' | 'seller' | 'arbiter' | 'market'>
  before(async () => {
    local = await localPeople(await localNetwork(), ['buyer', 'seller', 'arbiter', 'market'])
  })
  after(() => local?.stop())

  /** Made and funded. */
  async function ordered() {
    const { buyer, seller, arbiter, market } = local.people
    const offer = await makeOffer(buyer, {
      ...{ seller: seller.account.address, arbiter: arbiter.account.address },
      milestones: [
        { title: 'a drawing', amount: DRAWING },
        { title: 'the teapot', amount: POT },
      ],
      market: { recipient: market.account.address, bps: Number(FEE_BPS) },
      ...{ now: await local.now(), within: 30, window: 10 },
    })
    await order(buyer, offer, yes)
    return { offer, deal: offer.deal, last: offer.terms.deliverBy + offer.terms.disputeWindow }
  }

  /** Has a milestone paid by what the buyer signed; what the seller has more. */
  async function paidFor(
    { offer, deal }: Awaited<ReturnType<typeof ordered>>,
    done: number,
  ): Promise<bigint> {
    const { buyer, seller } = local.people
    const before = await local.tokens(seller.account.address)
    await seller.deals.evaluate(deal, await approve(buyer, offer, done, yes))
    return (await local.tokens(seller.account.address)) - before
  }

  async function closing(deal: `0x${string}`) {
    const { closed } = await local.people.seller.deals.status(deal)
    const { outcome, toPayer, toPayee } = closed!
    return { outcome, toPayer, toPayee }
  }
  const less = (amount: bigint) => amount - (amount * FEE_BPS) / 10_000n

  it('is paid milestone by milestone, less what the market takes', async () => {
    const made = await ordered()
    assert.equal(await paidFor(made, 1), less(DRAWING))
    assert.equal(await paidFor(made, 2), less(POT))
    assert.equal((await closing(made.deal)).outcome, 'evaluated')
  })

  it('pays no milestone twice, and none that somebody else signed', async () => {
    const made = await ordered()
    await paidFor(made, 1)
    await assert.rejects(paidFor(made, 1), { code: 'REVERTED' })
    const forged = await approve(local.people.seller, made.offer, 2, yes)
    await assert.rejects(local.people.seller.deals.evaluate(made.deal, forged), { code: 'REVERTED' })
    assert.equal((await local.people.seller.deals.status(made.deal)).left, POT)
  })

  it('of which nothing is delivered goes back whole', async () => {
    const { deal, last } = await ordered()
    await local.passes(last)
    await local.people.arbiter.deals.expire(deal)
    assert.deepEqual(await closing(deal), { outcome: 'defaulted', toPayer: PRICE, toPayee: 0n })
  })

  it('of which a part is delivered: the rest goes back, and it is too late for the next milestone', async () => {
    const made = await ordered()
    await paidFor(made, 1)
    await local.passes(made.last)
    await assert.rejects(paidFor(made, 2), { code: 'REVERTED' })
    await local.people.buyer.deals.expire(made.deal)
    assert.deepEqual(await closing(made.deal), { outcome: 'defaulted', toPayer: POT, toPayee: 0n })
  })

  it('is given back in part by the seller', async () => {
    const made = await ordered()
    await paidFor(made, 1)
    await local.people.seller.deals.refund(made.deal)
    assert.deepEqual(await closing(made.deal), { outcome: 'refunded', toPayer: POT, toPayee: 0n })
  })

  it('that is disputed is split by the arbiter; if nobody rules, the buyer has it back', async () => {
    const { buyer, seller, arbiter } = local.people
    const [one, other] = [await ordered(), await ordered()]
    await seller.deals.dispute(one.deal)
    await arbiter.deals.rule(one.deal, PRICE / 4n)
    assert.deepEqual(await closing(one.deal), {
      ...{ outcome: 'ruled', toPayer: PRICE - PRICE / 4n - PRICE / 20n, toPayee: PRICE / 4n },
    })
    await seller.deals.dispute(other.deal)
    await local.passes((await seller.deals.status(other.deal)).endsAt!)
    await buyer.deals.expire(other.deal)
    assert.deepEqual(await closing(other.deal), { outcome: 'defaulted', toPayer: PRICE, toPayee: 0n })
  })
})
