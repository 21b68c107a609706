import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Hex } from 'viem'
import { newRide } from '../../client/src/deals/cab-ride.ts'
import type { DealMove, DealRole } from '../../client/src/deals/machine.ts'
import { offerOf, type Offer } from '../../client/src/deals/offer.ts'
import { paidOf } from '../../client/src/deals/payout.ts'
import { callOf, settlementOf } from '../../client/src/deals/sending.ts'
import { cabRide, insurance, plain } from '../../client/src/deals/templates/index.ts'
import { type DealPeople, dealPeople } from './support/deal-people.ts'

const MOVES: readonly DealMove[] = [
  ...(['fund', 'accept', 'release', 'releasePart', 'refund', 'settle'] as const),
  ...(['evaluate', 'dispute', 'answer', 'rule', 'expire'] as const),
]
const STATES = ['none', 'offered', 'funded', 'challenged', 'disputed', 'closed'] as const
const ROLES: readonly DealRole[] = ['payer', 'payee', 'arbiter']
const SUBSETS = Array.from({ length: 8 }, (_, bits) => ROLES.filter((_role, at) => (bits >> at) & 1))
const HOUR = 3_600

interface Kind {
  readonly name: string
  make(): Promise<{ offer: Offer; evidence: () => Promise<Hex> }>
}

/** Every state of deals with and without arbiter, bonds, collateral and evaluator: what may be done, and that the money gets out. */
describe('the state machine of a deal, and the chain', () => {
  let people: DealPeople
  before(async () => {
    people = await dealPeople()
  })
  after(() => people.stop())

  const parties = (hasArbiter: boolean) => ({
    ...people.parties,
    arbiter: hasArbiter ? people.parties.arbiter : undefined,
    app: { recipient: people.app, bps: 100 },
  })
  const reaction = (bond: bigint) => ({ disputeWindow: HOUR, rulingWindow: HOUR, arbiterFee: 3n, bond })

  const ride = (hasArbiter: boolean): Kind => ({
    name: `a ride ${hasArbiter ? 'with' : 'without'} an arbiter`,
    async make() {
      const now = await people.now()
      const { ride: agreed, code } = newRide()
      const params = {
        ...agreed,
        fare: 1_000n,
        arriveBy: now + HOUR,
        toDriverIfSilent: 2_000,
        ...reaction(0n),
      }
      const offer = offerOf(
        cabRide,
        cabRide.terms(parties(hasArbiter), params, people.place),
        people.place,
        now,
      )
      return { offer, evidence: async () => cabRide.arrived(offer, code) }
    },
  })
  const KINDS: readonly Kind[] = [
    ride(true),
    ride(false),
    {
      name: 'a plain deal with bonds and collateral',
      async make() {
        const now = await people.now()
        const own = {
          amount: 1_000n,
          collateral: 500n,
          what: 'tea',
          deliverBy: now + 2 * HOUR,
          toPayeeIfArbiterSilent: 4_000,
        }
        const params = { ...own, salt: newRide().code, ...reaction(7n) }
        const offer = offerOf(plain, plain.terms(parties(true), params, people.place), people.place, now)
        return { offer, evidence: async () => '0x' }
      },
    },
    {
      name: 'insurance with bonds',
      async make() {
        const now = await people.now()
        const own = {
          premium: 10n,
          payout: 1_000n,
          oracle: people.oracle.address,
          subject: 'rain',
          threshold: 5n,
        }
        const params = { ...own, from: now, until: now + 2 * HOUR, salt: newRide().code, ...reaction(9n) }
        const offer = offerOf(
          insurance,
          insurance.terms(parties(true), params, people.place),
          people.place,
          now,
        )
        const evidence = async (): Promise<Hex> => {
          const reading = { value: 5n, time: now }
          const typed = insurance.reading(offer, people.place, reading)
          return insurance.happened(offer, reading, await people.oracle.signTypedData(typed))
        }
        return { offer, evidence }
      },
    },
  ]

  /** The call of a move, signed by who may sign it and sent by a stranger. */
  async function callFor(
    move: DealMove,
    offer: Offer,
    evidence: () => Promise<Hex>,
  ): Promise<[string, readonly unknown[]]> {
    const { signed } = people
    const { payer } = offer.terms
    const of = async (...given: Parameters<typeof signed>): Promise<[string, readonly unknown[]]> => {
      const { functionName, args } = callOf(await signed(...given))
      return [functionName, args]
    }
    switch (move) {
      case 'fund':
        return of(offer, 'payer', { act: 'Funding' })
      case 'accept':
        return of(offer, 'payee', { act: 'Acceptance' })
      case 'release':
        return of(offer, 'payer', { act: 'Release' })
      case 'refund':
        return of(offer, 'payee', { act: 'Refund' })
      case 'dispute':
        return of(offer, 'payer', { act: 'Dispute', advancer: payer })
      case 'answer':
        return of(offer, 'payee', { act: 'Answer' })
      case 'rule':
        return BigInt(offer.terms.arbiter) === 0n
          ? ['rule', [offer.terms, 2n]]
          : of(offer, 'arbiter', { act: 'Ruling', payeeAmount: 2n })
      case 'releasePart': {
        const total = paidOf(offer.terms, await people.view(offer)) + 1n
        return of(offer, 'payer', { act: 'PartRelease', total })
      }
      case 'settle': {
        const act = { act: 'Settlement', payeeAmount: 5n } as const
        const { functionName, args } = settlementOf(
          await signed(offer, 'payer', act),
          await signed(offer, 'payee', act),
        )
        return [functionName, args]
      }
      case 'evaluate':
        return ['evaluate', [offer.terms, await evidence()]]
      case 'expire':
        return ['expire', [offer.terms]]
    }
  }

  /** Brings a new deal into a state; false if this kind has no such state. */
  async function arrange(
    offer: Offer,
    state: (typeof STATES)[number],
    evidence: () => Promise<Hex>,
  ): Promise<boolean> {
    const { terms } = offer
    const hasArbiter = BigInt(terms.arbiter) !== 0n
    const act = async (move: DealMove) => people.call(...(await callFor(move, offer, evidence)))
    if (state === 'none') return true
    if (state === 'offered' && terms.collateral === 0n) return false
    if (state === 'disputed' && !hasArbiter) return false
    if (state === 'challenged' && (!hasArbiter || terms.bond === 0n)) return false
    await act('fund')
    if (state === 'offered') return true
    if (terms.collateral > 0n) await act('accept')
    if (state === 'challenged' || state === 'disputed') await act('dispute')
    if (state === 'disputed' && terms.bond > 0n) await act('answer')
    if (state === 'closed') await act('refund')
    return true
  }

  async function inEveryState(
    task: (offer: Offer, evidence: () => Promise<Hex>, name: string) => Promise<void>,
  ) {
    for (const kind of KINDS)
      for (const state of STATES)
        await people.undone(async () => {
          const { offer, evidence } = await kind.make()
          if (await arrange(offer, state, evidence)) await task(offer, evidence, `${kind.name}, ${state}`)
        })
  }

  it('agree about what may be done, in time and too late', async () => {
    let checked = 0
    const check = async (offer: Offer, evidence: () => Promise<Hex>, name: string) => {
      const { can } = await people.stand(offer)
      const works: DealMove[] = []
      for (const move of MOVES)
        if (await people.works(...(await callFor(move, offer, evidence)))) works.push(move)
      assert.deepEqual(works.sort(), can.map(({ move }) => move).sort(), name)
      checked++
    }
    await inEveryState(async (offer, evidence, name) => {
      await check(offer, evidence, name)
      const { silence } = await people.stand(offer)
      await people.goTo(silence?.from ?? offer.terms.deliverBy)
      await check(offer, evidence, `${name}, too late`)
    })
    assert.ok(checked >= 38, `${checked} checks`)
  })

  it('let the money out of every state, whoever is silent', async () => {
    await inEveryState(async (offer, evidence, name) => {
      const { can, left, state } = await people.stand(offer)
      if (state === 'none' || state === 'closed') return
      assert.ok(left > 0n)
      /** After one more move, or none, everybody falls silent; a stranger closes it. */
      const out = async (first: DealMove | undefined): Promise<void> => {
        if (first) await people.call(...(await callFor(first, offer, evidence)))
        for (let wait = 0; wait < 3; wait++) {
          const { silence } = await people.stand(offer)
          if (!silence) break
          await people.goTo(silence.from)
          const paid = await people.moved(() => people.call('expire', [offer.terms]))
          const { payer, payee, app, payerBond, payeeBond } = silence.pays
          assert.deepEqual(
            [paid.payer, paid.payee, paid.app],
            [payer + payerBond, payee + payeeBond, app],
            name,
          )
        }
        assert.equal((await people.view(offer)).state, 'closed', `${name}, after ${first}`)
        assert.equal(await people.tokens(people.place.escrow), 0n, `${name}, after ${first}: nothing stays`)
      }
      for (const silent of SUBSETS) {
        const others = can.filter(({ who }) => who.some((role) => !silent.includes(role)))
        for (const move of [undefined, ...others.map((one) => one.move)]) await once(name, move, out)
      }
    })
  })

  const done = new Set<string>()
  /** Several subsets of silent people leave the same move. */
  async function once(
    name: string,
    move: DealMove | undefined,
    task: (move: DealMove | undefined) => Promise<void>,
  ) {
    const mark = `${name}/${move}`
    if (done.has(mark)) return
    done.add(mark)
    await people.undone(() => task(move))
  }
})
