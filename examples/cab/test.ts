// What must come of a ride when something goes wrong. Needs the network of `npm start`, whose clock it moves by about two minutes.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { newRide, type DealError } from '@teahouse/client'
import { localNetwork, localPeople, type LocalPeople } from '@teahouse/client/node'
import { arrive, cancel, makeOffer, order } from './app.ts'

const FARE = 1_000_000n
const yes = () => true

describe('a ride', () => {
  let local: LocalPeople<'passenger' | 'driver' | 'arbiter'>
  before(async () => {
    local = await localPeople(await localNetwork(), ['passenger', 'driver', 'arbiter'])
  })
  after(() => local?.stop())

  /** Ordered, and its fare locked. */
  async function ordered() {
    const { passenger, driver, arbiter } = local.people
    const now = await local.now()
    const parties = { driver: driver.account.address, arbiter: arbiter.account.address }
    const made = await makeOffer(passenger, { ...parties, fare: FARE, now, within: 30, window: 10 })
    await order(passenger, made.offer, yes)
    return { ...made, now, deal: made.offer.deal }
  }

  /** What a closed deal has paid. */
  async function paid(deal: `0x${string}`) {
    const { closed } = await local.people.driver.deals.status(deal)
    const { outcome, toPayer, toPayee, toArbiter } = closed!
    return { outcome, toPayer, toPayee, toArbiter }
  }

  it('pays the driver on arrival', async () => {
    const { offer, code, deal } = await ordered()
    await arrive(local.people.driver, offer, code)
    assert.deepEqual(await paid(deal), { outcome: 'evaluated', toPayer: 0n, toPayee: FARE, toArbiter: 0n })
  })

  it('that nobody drives costs nothing', async () => {
    const { deal, offer } = await ordered()
    await assert.rejects(local.people.arbiter.deals.expire(deal), { code: 'REVERTED' })
    await local.passes(offer.terms.deliverBy + offer.terms.disputeWindow)
    await local.people.arbiter.deals.expire(deal) // anybody may
    assert.deepEqual(await paid(deal), { outcome: 'defaulted', toPayer: FARE, toPayee: 0n, toArbiter: 0n })
  })

  it('is not paid by a wrong code', async () => {
    const { offer, code, deal } = await ordered()
    await assert.rejects(arrive(local.people.driver, offer, newRide().code), { code: 'BAD_EVIDENCE' })
    assert.equal((await local.people.driver.deals.status(deal)).left, FARE)
    await arrive(local.people.driver, offer, code)
  })

  it('is not paid when the code comes late', async () => {
    const { offer, code, deal } = await ordered()
    await local.passes(offer.terms.deliverBy + offer.terms.disputeWindow)
    await assert.rejects(arrive(local.people.driver, offer, code), { code: 'REVERTED' })
    await local.people.passenger.deals.expire(deal)
    assert.equal((await paid(deal)).toPayer, FARE)
  })

  it('costs a fifth if it is cancelled in its second third, and nothing before', async () => {
    const early = await ordered()
    await cancel(local.people.passenger, early.offer, yes)
    assert.equal((await paid(early.deal)).toPayee, 0n)
    const later = await ordered()
    await local.passes(later.now + 11)
    await cancel(local.people.passenger, later.offer, yes)
    assert.deepEqual(await paid(later.deal), {
      ...{ outcome: 'evaluated', toPayer: (FARE * 4n) / 5n, toPayee: FARE / 5n, toArbiter: 0n },
    })
  })

  it('is given back by default if it is disputed and nobody rules, and the arbiter earns nothing', async () => {
    const { deal } = await ordered()
    await local.people.driver.deals.dispute(deal)
    const { endsAt } = await local.people.driver.deals.status(deal)
    await local.passes(endsAt!)
    await assert.rejects(local.people.arbiter.deals.rule(deal, FARE), { code: 'REVERTED' })
    await local.people.passenger.deals.expire(deal)
    assert.deepEqual(await paid(deal), { outcome: 'defaulted', toPayer: FARE, toPayee: 0n, toArbiter: 0n })
  })

  it('is split by the arbiter, who gets a fee', async () => {
    const { deal } = await ordered()
    await local.people.passenger.deals.dispute(deal)
    await local.people.arbiter.deals.rule(deal, FARE / 2n)
    assert.deepEqual(await paid(deal), {
      ...{ outcome: 'ruled', toPayer: FARE / 2n - FARE / 20n, toPayee: FARE / 2n, toArbiter: FARE / 20n },
    })
  })

  it('is given back in part if both agree to that', async () => {
    const { deal } = await ordered()
    const consent = await local.people.driver.deals.signSettlement(deal, FARE / 4n)
    await assert.rejects(local.people.passenger.deals.settle(deal, FARE / 5n, consent), { code: 'REVERTED' })
    await local.people.passenger.deals.settle(deal, FARE / 4n, consent)
    assert.deepEqual(await paid(deal), {
      ...{ outcome: 'settled', toPayer: (FARE * 3n) / 4n, toPayee: FARE / 4n, toArbiter: 0n },
    })
  })

  it('is not ordered if the passenger does not agree to the sentence', async () => {
    const { passenger, driver, arbiter } = local.people
    const parties = { driver: driver.account.address, arbiter: arbiter.account.address }
    const now = await local.now()
    const { offer } = await makeOffer(passenger, { ...parties, fare: FARE, now, within: 30, window: 10 })
    await assert.rejects(
      order(passenger, offer, () => false),
      (error: DealError) => error.code === 'NOT_SIGNED',
    )
    await assert.rejects(passenger.deals.status(offer.deal), { code: 'UNKNOWN_DEAL' })
  })
})
