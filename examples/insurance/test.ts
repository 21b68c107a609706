// What must come of an insurance when something goes wrong. Needs the network of `npm start`, whose clock it moves by about two minutes.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { localNetwork, localPeople, type LocalPeople } from '@teahouse/client/node'
import { buy, cover, makeOffer, report } from './app.ts'

const [PREMIUM, PAYOUT] = [100_000n, 5_000_000n]
const yes = () => true

describe('an insurance against rain', () => {
  let local: LocalPeople<'insured' | 'insurer' | 'oracle'>
  before(async () => {
    local = await localPeople(await localNetwork(), ['insured', 'insurer', 'oracle'])
  })
  after(() => local?.stop())

  /** Its premium is paid; `covered` as well, if the insurer does its part. */
  async function bought({ covered = true } = {}) {
    const { insured, insurer, oracle } = local.people
    const now = await local.now()
    const offer = await makeOffer(insurer, {
      ...{
        insured: insured.account.address,
        oracle: oracle.account.address,
        premium: PREMIUM,
        payout: PAYOUT,
      },
      ...{ subject: 'rain at Hangzhou, mm a day', threshold: 50n, now, within: 30, window: 10 },
    })
    await buy(insured, offer, yes)
    if (covered) await cover(insurer, offer)
    return { offer, deal: offer.deal, now }
  }
  const show = async (deal: `0x${string}`, evidence: `0x${string}`) =>
    await local.people.insured.deals.evaluate(deal, evidence)
  const refused = (attempt: Promise<unknown>) => assert.rejects(attempt, { code: 'REVERTED' })

  async function closing(deal: `0x${string}`) {
    const { closed } = await local.people.insured.deals.status(deal)
    const { outcome, toPayer, toPayee } = closed!
    return { outcome, toPayer, toPayee }
  }

  it('pays out by a reading of the oracle, in full', async () => {
    const { offer, deal } = await bought()
    await show(deal, await report(local.people.oracle, offer, 50n, await local.now()))
    assert.deepEqual(await closing(deal), { outcome: 'evaluated', toPayer: PAYOUT, toPayee: PREMIUM })
  })

  it('pays nothing for less rain, for rain before or after, or for what somebody else has read', async () => {
    const { insurer, insured, oracle } = local.people
    const { offer, deal, now } = await bought()
    await refused(show(deal, await report(oracle, offer, 49n, now + 1)))
    await refused(show(deal, await report(oracle, offer, 90n, now - 1)))
    await refused(show(deal, await report(oracle, offer, 90n, offer.terms.deliverBy + 1)))
    for (const liar of [insured, insurer]) await refused(show(deal, await report(liar, offer, 90n, now + 1)))
    await local.passes(offer.terms.deliverBy + offer.terms.disputeWindow)
    await refused(show(deal, await report(oracle, offer, 90n, now + 1))) // too late
    await insurer.deals.expire(deal)
    assert.deepEqual(await closing(deal), { outcome: 'defaulted', toPayer: 0n, toPayee: PREMIUM + PAYOUT })
  })

  it('that the insurer does not cover gives the premium back', async () => {
    const { insured } = local.people
    const [one, other] = [await bought({ covered: false }), await bought({ covered: false })]
    await insured.deals.refund(one.deal) // at once
    assert.deepEqual(await closing(one.deal), { outcome: 'refunded', toPayer: PREMIUM, toPayee: 0n })
    await local.passes((await insured.deals.status(other.deal)).endsAt!)
    await refused(cover(local.people.insurer, other.offer)) // not when it has begun to rain
    await insured.deals.expire(other.deal)
    assert.equal((await closing(other.deal)).toPayer, PREMIUM)
  })

  it('is ended in part by both', async () => {
    const { insured, insurer } = local.people
    const { deal } = await bought()
    const half = PAYOUT + PREMIUM / 2n
    const consent = await insurer.deals.signSettlement(deal, half)
    await insured.deals.settle(deal, half, consent)
    assert.deepEqual(await closing(deal), { outcome: 'settled', toPayer: PREMIUM / 2n, toPayee: half })
  })
})
