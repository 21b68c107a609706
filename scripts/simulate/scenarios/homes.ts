import { sweep, type Assumed } from '../assumptions.ts'
import { findThreshold } from '../bisect.ts'
import { capitalCost, equalLoad, honestBooks, presenceCost } from '../model/books.ts'
import { takers } from '../model/field.ts'
import { feeIncome, mostIn } from '../model/income.ts'
import { gasCost, MONTH } from '../model/money.ts'
import { membersOver } from '../model/payoff.ts'
import type { Given, Outcome, Scenario, Threshold } from '../outcome.ts'

/** Tokens a month, over the horizon, of a home that stops serving and keeps its stake for those who have not left. */
function idleOf({ facts, assumed }: Given, over: Partial<Assumed> = {}): number {
  const now = { ...assumed, ...over }
  const members = membersOver(equalLoad(now).members, 0, now)
  const fees = members * feeIncome(now.limit, facts)
  return fees - presenceCost(facts, now)
}

/** What a member brings an operator that does nothing but give `rebate` of it back. */
function keptOf({ facts, assumed }: Given, rebate: number): number {
  const fee = feeIncome(assumed.limit, facts)
  const claim = gasCost((facts.gas.claimEach * MONTH) / facts.membership.term, assumed)
  const capital = capitalCost((fee * facts.staking.creditSeconds) / MONTH, assumed)
  return fee - claim - capital - rebate
}

function thresholds(given: Given): Threshold[] {
  const { facts, assumed } = given
  const serving = (over: Partial<Assumed>): number => {
    const now = { ...assumed, ...over }
    return honestBooks(facts, now, { ...equalLoad(now), payers: 0, pages: 0 }).profit
  }
  const most = feeIncome(assumed.limit, facts)
  return [
    {
      what: 'members that leave a home that serves badly, below which it is better to stop serving (fees alone)',
      at:
        findThreshold((reviewing) => idleOf(given, { reviewing }) < serving({ reviewing }), 0.001, 1) ?? null,
      stated: assumed.reviewing,
      unit: 'a month',
    },
    {
      what: 'worth of a home’s quota, below which half of the members prefer the whole fee back',
      at: findThreshold((quotaWorth) => takers(most, { quotaWorth }) > 0.5, 1e-4, 10) ?? null,
      stated: assumed.quotaWorth,
      unit: 'tokens a month',
    },
    {
      what: 'limit of a membership, above which half of the members prefer the whole fee back',
      at: findThreshold((limit) => takers(feeIncome(limit, facts), assumed) < 0.5, 1, 6_000) ?? null,
      stated: assumed.limit,
      unit: 'messages an epoch',
    },
  ]
}

/** The rule of home operators: those who do not serve, pay themselves, pay members, or starve others' members. */
function run(given: Given): Outcome {
  const { facts, assumed } = given
  const load = equalLoad(assumed)
  const books = honestBooks(facts, assumed, load)
  const alone = honestBooks(facts, assumed, { ...load, payers: 0, pages: 0 })
  const fee = assumed.limit * facts.membership.feePerMessage
  const own = fee * (1 - 1 / facts.membership.burnDivisor)
  const rebate = feeIncome(assumed.limit, facts) / 2
  const taken = takers(rebate, assumed)
  const worths = sweep('quotaWorth', 30)
  const reviews = sweep('reviewing', 30)
  return {
    tables: [
      {
        title: 'The cap of the stake, in tokens',
        head: ['stake', 'fees in a month at first, at most', 'fees a month for good'],
        rows: [facts.staking.minimum, 10 * facts.staking.minimum].map((stake) => [
          stake,
          mostIn(MONTH, stake, facts),
          mostIn(MONTH, stake, facts) - mostIn(0, stake, facts),
        ]),
      },
    ],
    thresholds: thresholds(given),
    attacks: [
      {
        name: 'buy memberships of oneself',
        cost:
          fee +
          (assumed.limit * facts.membership.depositPerMessage * assumed.interest * facts.membership.term) /
            MONTH /
            12 +
          gasCost(facts.gas.register + facts.gas.claimEach, assumed),
        gain: own,
        harm: 0,
        per: 'membership',
      },
      {
        name: 'stop serving, and keep the stake',
        cost: alone.profit,
        gain: idleOf(given),
        harm: idleOf(given) + presenceCost(facts, assumed),
        per: 'month',
      },
      {
        name: 'serve nothing, and give half of the fee back to members, as the only one',
        cost: presenceCost(facts, assumed),
        gain: assumed.clients * taken * keptOf(given, rebate),
        harm: assumed.clients * taken * feeIncome(assumed.limit, facts),
        per: 'month',
        pays: true,
      },
      {
        name: 'starve the members of other homes',
        cost: books.vouchers,
        gain: books.service,
        harm: 0,
        per: 'month',
      },
    ],
    claims: [
      { text: 'buying memberships of oneself loses the part that is burned', holds: own < fee },
      {
        text: 'serving brings more than living on members who have not left',
        holds: alone.profit > idleOf(given),
      },
      {
        text: 'starving others’ members loses more sales than it saves',
        holds: books.vouchers > books.service,
      },
    ],
    plots: [
      {
        file: 'rebates',
        title: 'Members who prefer a part of the fee to a home that serves',
        x: { label: 'worth of a home’s free quota, tokens a month', log: true },
        y: { label: 'members, %' },
        lines: [5, 20, 100].map((limit) => ({
          name: `whole fee back, limit ${limit}`,
          points: worths.map((quotaWorth) => [
            quotaWorth,
            100 * takers(feeIncome(limit, facts), { quotaWorth }),
          ]),
        })),
        marks: [{ x: assumed.quotaWorth, name: 'stated' }],
      },
      {
        file: 'idle',
        title: 'A home that stops serving, and one that serves, on fees alone',
        x: { label: 'members that leave a bad home, part a month', log: true },
        y: { label: 'tokens a month' },
        lines: [
          {
            name: 'stops serving',
            points: reviews.map((reviewing) => [reviewing, idleOf(given, { reviewing })]),
          },
          { name: 'serves', points: reviews.map((reviewing) => [reviewing, alone.profit]) },
        ],
        marks: [{ x: assumed.reviewing, name: 'stated' }],
      },
    ],
  }
}

export const homes: Scenario = {
  name: 'homes',
  title: 'Home operators that do not serve, or pay to be named',
  run,
}
