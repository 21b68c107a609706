import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { Hex } from 'viem'
import { Reverts } from '../../nodes/src/chain-relay/simulate.ts'
import { offerFor, offerOf, type Offer } from '../../client/src/deals/offer.ts'
import { payoutOf, potOf, rulingOf, share } from '../../client/src/deals/payout.ts'
import type { Item, Shares } from '../../client/src/deals/statement.ts'
import { type DealPeople, dealPeople } from './support/deal-people.ts'
import { type RandomDeal, randomDeal } from './support/random-deals.ts'

/** What the sentence of a deal says, and what the contract does. */
describe('the sentence of a deal, and the chain', () => {
  let people: DealPeople
  before(async () => {
    people = await dealPeople()
  })
  after(() => people.stop())

  const deals = async () => {
    const { place, parties, people: signers, oracle, app } = people
    const where = { place, parties, signers: { payer: signers.payer, oracle }, now: await people.now() }
    return randomDeal(where as never, app)
  }

  /** Funded by signature, and accepted if there is collateral. */
  async function bind(offer: Offer): Promise<void> {
    await people.send(offer, 'payer', { act: 'Funding' })
    if (offer.terms.collateral > 0n) await people.send(offer, 'payee', { act: 'Acceptance' })
  }

  /** Brings about what an item tells of; undefined if its time can't come. */
  function bring(offer: Offer, deal: RandomDeal, item: Item): (() => Promise<void>) | undefined {
    const { terms } = offer
    switch (item.kind) {
      case 'accept':
        return undefined
      case 'release':
        return () => people.send(offer, 'payer', { act: 'Release' })
      case 'refund':
        return () => people.send(offer, 'payee', { act: 'Refund' })
      case 'case':
        return async () => {
          const at = Math.max((await people.now()) + 1, item.of.from ?? 0)
          await people.goTo(at)
          await people.call('evaluate', [terms, await deal.evidence(item.of, at)])
        }
      case 'dispute':
        return async () => {
          await people.send(offer, 'payer', { act: 'Dispute', advancer: terms.payer })
          if (terms.bond > 0n) await people.send(offer, 'payee', { act: 'Answer' })
          const { endsAt } = await people.view(offer)
          await people.goTo(endsAt + 1)
          await people.call('expire', [terms])
        }
      case 'silence':
        return async () => {
          await people.goTo(item.until + 1)
          await people.call('expire', [terms])
        }
    }
  }

  /** Whether a case can be had as it stands: its time is still to come, and the deal has not ended by then. */
  function comes(item: Item, now: number, { terms }: Offer): boolean {
    if (item.kind !== 'case') return true
    const { from = 0, before: until = Infinity } = item.of
    return Math.max(from, now + 2) < until && from <= terms.deliverBy + terms.disputeWindow
  }

  const sharesOf = (item: Item): Shares | undefined =>
    item.kind === 'accept' ? undefined : item.kind === 'dispute' ? item.silent : item.pays

  it('agree about who gets what, whichever way it goes', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(await deals(), async (deal) => {
        const offer = offerOf(deal.template, deal.agreed, people.place, await people.now())
        const { terms, statement } = offer
        await people.undone(async () => {
          await bind(offer)
          for (const item of statement.items) {
            const task = bring(offer, deal, item)
            const pays = sharesOf(item)
            if (!task || !pays || !comes(item, await people.now(), offer)) continue
            const got = await people.undone(() => people.moved(task))
            const { payer, payee, app } = got
            assert.deepEqual({ payer, payee, app }, pays, `${deal.template.name}: ${item.kind}`)
            assert.equal(got.arbiter, 0n, 'a silent arbiter gets nothing')
            assert.ok(app <= share(terms.amount, terms.appFeeBps), 'the app gets no more than was signed')
            const part = item.kind === 'case' && !item.of.final
            assert.equal(-got.escrow, part ? payee + app : potOf(terms), 'all of it')
            seen.add(item.kind === 'case' ? item.of.key.split(' ')[0]! : item.kind)
          }
        })
      }),
      { numRuns: 25 },
    )
    const all = ['cancel', 'code', 'dispute', 'milestone', 'reading', 'refund', 'release', 'silence']
    assert.deepEqual([...seen].sort(), all)
  })

  it('agree about what a ruling costs, and nobody gets more than was signed', async () => {
    const percent = fc.integer({ min: 0, max: 100 })
    await fc.assert(
      fc.asyncProperty(await deals(), percent, async (deal, part) => {
        const offer = offerOf(deal.template, deal.agreed, people.place, await people.now())
        const { terms, statement } = offer
        const told = statement.items.find((item) => item.kind === 'dispute')!
        await people.undone(async () => {
          await bind(offer)
          await people.send(offer, 'payee', { act: 'Dispute', advancer: terms.payee })
          if (terms.bond > 0n) await people.send(offer, 'payer', { act: 'Answer' })
          // From a dispute on there is no app fee, however it ends.
          const released = await people.undone(() =>
            people.moved(() => people.send(offer, 'payer', { act: 'Release' })),
          )
          const { payee, app, payeeBond } = payoutOf(terms, await people.view(offer), { by: 'release' })
          assert.deepEqual([released.payee, released.app], [payee + payeeBond, app])
          assert.deepEqual([payee, app], [potOf(terms), 0n])
          const { fee, available } = rulingOf(terms, await people.view(offer))
          const payeeAmount = (available * BigInt(part)) / 100n
          const rule = (amount: bigint) =>
            people.send(offer, 'arbiter', { act: 'Ruling', payeeAmount: amount })
          await assert.rejects(rule(available + 1n), Reverts)
          const got = await people.moved(() => rule(payeeAmount))
          assert.equal(got.arbiter, fee)
          assert.ok(fee <= told.fee, 'the arbiter gets no more than was signed')
          assert.equal(got.app, 0n, 'no app fee in a dispute')
          // Bonds apart: each side pays of the fee what the other got.
          const ofPayer = terms.bond > 0n ? (fee * payeeAmount) / potOf(terms) : 0n
          const ofPayee = terms.bond > 0n ? fee - ofPayer : 0n
          assert.equal(got.payee, payeeAmount + (terms.bond > 0n ? terms.bond - ofPayee : 0n))
          assert.equal(got.payer, available - payeeAmount + (terms.bond > 0n ? terms.bond - ofPayer : 0n))
        })
      }),
      { numRuns: 12 },
    )
  })

  it('agree about deals that are read from the chain', async () => {
    const [deal] = fc.sample(await deals(), 1)
    const offer = offerOf(deal!.template, deal!.agreed, people.place, await people.now())
    assert.deepEqual(offerFor(offer, people.place), offer)
  })

  it('agree about two deals of one evaluator, which reaches one only', async () => {
    const { place, now, undone, view, tokens } = people
    const rides = (await deals()).filter(({ template }) => template.name === 'cab-ride')
    const [deal] = fc.sample(rides, 1)
    const { terms, statement } = offerOf(deal!.template, deal!.agreed, place, await now())
    const [code] = statement.items.flatMap((item) => (item.kind === 'case' ? [item.of] : []))
    const evidence = await deal!.evidence(code!, 0)
    const thief: Hex = `0x${'7e'.repeat(20)}`
    await undone(async () => {
      await people.chain.testClient.setCode({ address: thief, bytecode: answering(terms.amount * 2n) })
      for (const evaluator of [terms.evaluator, thief]) {
        const mine = { ...terms, evaluator }
        // The same ride at another price is another deal.
        const other = { ...mine, amount: terms.amount + 1n }
        await bindTerms(mine)
        await bindTerms(other)
        const before = await view({ deal: await idOf(other) })
        const asked = people.chain.bob.contracts.Escrow.write.evaluate([mine, evidence])
        if (evaluator === thief) await assert.rejects(asked, 'more than its own deal has')
        else await asked
        assert.deepEqual(await view({ deal: await idOf(other) }), before)
      }
      // One was paid by its code; the other three are as they were.
      assert.equal(await tokens(place.escrow), terms.amount * 3n + 2n)
    })
  })

  const idOf = (terms: Offer['terms']): Promise<Hex> =>
    people.chain.client.readContract({
      ...{ address: people.place.escrow, abi: people.chain.alice.contracts.Escrow.abi },
      ...{ functionName: 'dealId', args: [terms] },
    })
  const bindTerms = async (terms: Offer['terms']): Promise<void> => {
    await people.chain.alice.contracts.Escrow.write.fund([terms])
  }
})

/** Code of a contract that answers any question with a total and `true`. */
function answering(total: bigint): Hex {
  const word = total.toString(16).padStart(64, '0')
  // PUSH32 total PUSH0 MSTORE PUSH1 1 PUSH1 32 MSTORE PUSH1 64 PUSH0 RETURN
  return `0x7f${word}5f52600160205260405ff3`
}
