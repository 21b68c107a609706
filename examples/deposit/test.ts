// What must come of a booking when something goes wrong. Needs the network of `npm start`, whose clock it moves by about two minutes.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { newRide } from '@teahouse/client'
import { localNetwork, localPeople, type LocalPeople } from '@teahouse/client/node'
import { book, cancel, makeOffer, welcome } from './app.ts'

const AMOUNT = 1_000_000n
const yes = () => true

describe('a deposit', () => {
  let local: LocalPeople<'guest' | 'host' | 'arbiter'>
  before(async () => {
    local = await localPeople(await localNetwork(), ['guest', 'host', 'arbiter'])
  })
  after(() => local?.stop())

  async function booked() {
    const { guest, host, arbiter } = local.people
    const now = await local.now()
    const parties = { host: host.account.address, arbiter: arbiter.account.address }
    const made = await makeOffer(guest, { ...parties, amount: AMOUNT, now, within: 30, window: 10 })
    await book(guest, made.offer, yes)
    const { deliverBy, disputeWindow } = made.offer.terms
    return { ...made, now, deal: made.offer.deal, last: deliverBy + disputeWindow }
  }

  async function closing(deal: `0x${string}`) {
    const { closed } = await local.people.host.deals.status(deal)
    const { outcome, toPayer, toPayee } = closed!
    return { outcome, toPayer, toPayee }
  }

  it('is the host’s when the guest comes, by its code and no other', async () => {
    const { offer, code, deal } = await booked()
    await assert.rejects(welcome(local.people.host, offer, newRide().code), { code: 'BAD_EVIDENCE' })
    await welcome(local.people.host, offer, code)
    assert.deepEqual(await closing(deal), { outcome: 'evaluated', toPayer: 0n, toPayee: AMOUNT })
  })

  it('is free to cancel early, and half of it lost late', async () => {
    const [early, late] = [await booked(), await booked()]
    await cancel(local.people.guest, early.offer, yes)
    assert.deepEqual(await closing(early.deal), { outcome: 'evaluated', toPayer: AMOUNT, toPayee: 0n })
    await local.passes(late.now + 16)
    await cancel(local.people.guest, late.offer, yes)
    assert.equal((await closing(late.deal)).toPayee, AMOUNT / 2n)
  })

  it('is lost by a guest who stays away, and too late to cancel then', async () => {
    const { offer, deal, last } = await booked()
    await local.passes(last)
    await assert.rejects(cancel(local.people.guest, offer, yes), { code: 'REVERTED' })
    await local.people.arbiter.deals.expire(deal)
    assert.deepEqual(await closing(deal), { outcome: 'defaulted', toPayer: 0n, toPayee: AMOUNT })
  })

  it('is given back by the host that is closed, in whole or in part', async () => {
    const { guest, host } = local.people
    const [one, other] = [await booked(), await booked()]
    await host.deals.refund(one.deal)
    assert.deepEqual(await closing(one.deal), { outcome: 'refunded', toPayer: AMOUNT, toPayee: 0n })
    const consent = await host.deals.signSettlement(other.deal, AMOUNT / 4n)
    await guest.deals.settle(other.deal, AMOUNT / 4n, consent)
    assert.equal((await closing(other.deal)).toPayer, (AMOUNT * 3n) / 4n)
  })

  it('of which the two disagree is split by the arbiter; if nobody rules, it is the host’s', async () => {
    const { guest, host, arbiter } = local.people
    const [one, other] = [await booked(), await booked()]
    await guest.deals.dispute(one.deal)
    await arbiter.deals.rule(one.deal, 0n)
    assert.equal((await closing(one.deal)).toPayer, AMOUNT - AMOUNT / 20n)
    await guest.deals.dispute(other.deal)
    await local.passes((await guest.deals.status(other.deal)).endsAt!)
    await host.deals.expire(other.deal)
    assert.deepEqual(await closing(other.deal), { outcome: 'defaulted', toPayer: 0n, toPayee: AMOUNT })
  })
})
