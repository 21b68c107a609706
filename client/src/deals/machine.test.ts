import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dealState, type DealMove, type DealRole } from './machine.ts'
import { partOf, payoutOf, potOf, rulingOf, type DealView, type Payout } from './payout.ts'
import type { DealTerms } from './terms.ts'
import { anyTerms, NOW, OFFERS, PEOPLE } from './testing/deals.ts'

/** A deal in the model: where it stands, and what everybody got so far. */
interface World {
  readonly view: DealView
  readonly now: number
  readonly paid: Payout
}

const NOTHING: Payout = { payer: 0n, payee: 0n, arbiter: 0n, app: 0n, payerBond: 0n, payeeBond: 0n }
const add = (one: Payout, other: Partial<Payout>): Payout =>
  Object.fromEntries(
    Object.entries(one).map(([name, amount]) => [name, amount + (other[name as keyof Payout] ?? 0n)]),
  ) as unknown as Payout
const CLOSED: DealView = { state: 'closed', byPayee: false, endsAt: 0, left: 0n }
const BORN: World = { view: { ...CLOSED, state: 'none' }, now: NOW, paid: NOTHING }

/** Where a move leads; the worlds for each choice that it leaves. */
function after(terms: DealTerms, world: World, move: DealMove, who: DealRole): World[] {
  const { view, now, paid } = world
  const to = (change: Partial<DealView>): World[] => [{ ...world, view: { ...view, ...change } }]
  const end = (closing: Parameters<typeof payoutOf>[2]): World => ({
    ...{ view: CLOSED, now, paid: add(paid, payoutOf(terms, view, closing)) },
  })
  const pot = potOf(terms)
  const had = pot - view.left
  switch (move) {
    case 'fund':
      return terms.collateral === 0n
        ? to({ state: 'funded', left: terms.amount })
        : to({
            state: 'offered',
            left: terms.amount,
            endsAt: Math.min(now + terms.disputeWindow, terms.deliverBy),
          })
    case 'accept':
      return to({ state: 'funded', left: pot, endsAt: 0 })
    case 'releasePart': {
      const { payee, app, left } = partOf(terms, view, had + view.left / 2n)
      return view.left < 2n ? [] : [{ view: { ...view, left }, now, paid: add(paid, { payee, app }) }]
    }
    case 'dispute':
      return to({
        state: terms.bond > 0n ? 'challenged' : 'disputed',
        byPayee: who === 'payee',
        endsAt: now + (terms.bond > 0n ? terms.disputeWindow : terms.rulingWindow),
      })
    case 'answer':
      return to({ state: 'disputed', endsAt: now + terms.rulingWindow })
    case 'settle':
    case 'evaluate':
      return [had, had + view.left / 3n, pot].map((total) => end({ by: move, total }))
    case 'rule':
      return [0n, rulingOf(terms, view).available].map((payeeAmount) => end({ by: 'rule', payeeAmount }))
    default:
      return [end({ by: move })]
  }
}

/** What has come in by the time that a deal is over. */
function locked(terms: DealTerms, path: readonly DealMove[]): bigint {
  const of = (move: DealMove, amount: bigint) => (path.includes(move) ? amount : 0n)
  return (
    of('fund', terms.amount) +
    of('accept', terms.collateral) +
    of('dispute', terms.bond) +
    of('answer', terms.bond)
  )
}

/** Follows every path of those who aren't silent; calls back wherever everything comes to an end. */
function explore(
  terms: DealTerms,
  silent: ReadonlySet<DealRole>,
  visit: { at(world: World): void; end(world: World, path: readonly DealMove[]): void },
): void {
  const walk = (world: World, path: readonly DealMove[]): void => {
    visit.at(world)
    if (world.view.state === 'closed') return visit.end(world, path)
    const now = dealState(terms, world.view, world.now)
    // Parts could go on for ever.
    const can = now.can.filter(({ move }) => move !== 'releasePart' || !path.includes('releasePart'))
    for (const { move, who } of can) {
      const acting = who.filter((role) => !silent.has(role))
      // A split takes both; whoever asks an evaluator needs evidence, which may not exist.
      if (move === 'settle' && acting.length < 2) continue
      for (const role of move === 'settle' ? acting.slice(0, 1) : acting)
        for (const next of after(terms, world, move, role)) walk(next, [...path, move])
    }
    // Or nobody does anything until the time of the state has run out.
    if (now.silence && !now.overdue) walk({ ...world, now: now.silence.from }, path)
  }
  walk(BORN, [])
}

const ROLES: readonly DealRole[] = ['payer', 'payee', 'arbiter']
const SUBSETS = Array.from({ length: 8 }, (_, bits) => ROLES.filter((_role, at) => (bits >> at) & 1))
const total = (paid: Payout): bigint => Object.values(paid).reduce((sum, one) => sum + one, 0n)

describe('money gets out', () => {
  it.each(SUBSETS)('from every state if these are silent: %s %s %s', (...silent) => {
    const quiet = new Set<DealRole>(silent.filter((role) => role !== undefined))
    fc.assert(
      fc.property(anyTerms, (terms) => {
        let ends = 0
        explore(terms, quiet, {
          at({ view, now }) {
            if (view.state === 'none' || view.state === 'closed') return
            // Whoever is silent, one date is named from which on a stranger can close it.
            const { silence, can, overdue } = dealState(terms, view, now)
            expect(silence).toBeDefined()
            expect(can.some(({ move }) => move === 'expire')).toBe(overdue)
            const late = dealState(terms, view, silence!.from)
            expect(late.can.find(({ move }) => move === 'expire')?.who).toEqual(['anyone'])
          },
          end(world, path) {
            ends++
            // All that came in went out, to the unit.
            expect(total(world.paid)).toBe(locked(terms, path))
            expect(world.paid.arbiter <= terms.arbiterFee).toBe(true)
            expect(world.paid.app <= (terms.amount * BigInt(terms.appFeeBps)) / 10_000n).toBe(true)
            expect(Object.values(world.paid).every((one) => one >= 0n)).toBe(true)
          },
        })
        // Without the payer there is no deal.
        expect(ends > 0).toBe(!quiet.has('payer'))
      }),
      { numRuns: 15 },
    )
  })
})

describe('who loses by silence', () => {
  const terms = { ...OFFERS[0]!.terms, disputeWindow: 60, rulingWindow: 90 }
  const view = (change: Partial<DealView>): DealView => ({ ...CLOSED, left: 7_000_000n, ...change })

  it.each([
    { given: view({ state: 'offered', endsAt: NOW + 9 }), who: ['payee'], at: NOW + 9 },
    { given: view({ state: 'funded' }), who: ['payer', 'payee'], at: terms.deliverBy + 60 },
    { given: view({ state: 'challenged', byPayee: true, endsAt: NOW + 9 }), who: ['payer'], at: NOW + 9 },
    { given: view({ state: 'challenged', endsAt: NOW + 9 }), who: ['payee'], at: NOW + 9 },
    { given: view({ state: 'disputed', endsAt: NOW + 9 }), who: ['arbiter'], at: NOW + 9 },
  ])('in $given.state: $who', ({ given, who, at }) => {
    expect(dealState(terms, given, NOW).deadline).toEqual({ who, at })
    const late = dealState(terms, given, at + 1)
    expect([late.overdue, late.deadline, late.silence?.from]).toEqual([true, undefined, at + 1])
  })

  it('nobody once it is closed', () => {
    const now = dealState(terms, CLOSED, NOW)
    expect([now.can, now.deadline, now.silence]).toEqual([[], undefined, undefined])
  })

  it('and before the funding, the payer', () => {
    const born = dealState(terms, { ...CLOSED, state: 'none' }, NOW)
    expect(born.can.map(({ move, who, locks }) => [move, who, locks])).toEqual([
      ['fund', ['payer'], terms.amount],
    ])
    expect(dealState(terms, { ...CLOSED, state: 'none' }, terms.deliverBy).can).toEqual([])
    expect(PEOPLE.payer.address).toBe(terms.payer)
  })
})
