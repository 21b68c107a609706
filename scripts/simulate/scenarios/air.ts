import { sweep, type Assumed } from '../assumptions.ts'
import { findThreshold } from '../bisect.ts'
import { equalLoad, honestBooks, presenceCost } from '../model/books.ts'
import { airIncome, weightOf } from '../model/selector.ts'
import type { Attack, Given, Outcome, Scenario, Threshold } from '../outcome.ts'

/** Tokens a month of a node that takes vouchers and serves nothing, beside operators that serve. */
function airOf({ facts, assumed }: Given, over: Partial<Assumed> = {}, asked = facts.price.page): number {
  const now = { ...assumed, ...over }
  const market = {
    payers: now.clients * now.payingShare,
    units: now.paidPages,
    serving: now.operators,
    price: facts.price.page,
    asked,
  }
  return airIncome(market, now)
}

/** What a node sells that bills `times` what it served, relative to an honest one. */
function overcounted({ facts, assumed }: Given, times: number, over: Partial<Assumed> = {}): number {
  const now = { ...assumed, ...over }
  const { page } = facts.price
  const honest = weightOf({ price: page, record: 1 }, now)
  return (times * weightOf({ price: page * times, record: 1 / times }, now)) / honest
}

function attacks(given: Given): Attack[] {
  const { facts, assumed } = given
  const honest = honestBooks(facts, assumed, equalLoad(assumed))
  const presence = presenceCost(facts, assumed)
  const sold = airOf(given)
  return [
    {
      name: 'sell air instead of serving',
      cost: honest.profit + presence,
      gain: sold,
      harm: sold,
      per: 'month',
    },
    {
      name: 'sell air under another name, beside serving',
      cost: presence,
      gain: sold,
      harm: sold,
      per: 'month',
      pays: true,
    },
    {
      name: 'bill twice what was served',
      cost: honest.vouchers,
      gain: honest.vouchers * overcounted(given, 2),
      harm: (honest.vouchers * overcounted(given, 2)) / 2,
      per: 'month',
    },
  ]
}

function thresholds(given: Given): Threshold[] {
  const { facts, assumed } = given
  const honest = honestBooks(facts, assumed, equalLoad(assumed)).profit
  const presence = presenceCost(facts, assumed)
  const { highestPrice } = facts.client
  const beside = (over: Partial<Assumed>): boolean => airOf(given, over) < presence
  return [
    {
      what: 'requests to unknown nodes, above which air brings more than serving',
      at: findThreshold((exploring) => airOf(given, { exploring }) < honest, 1e-4, 1) ?? null,
      stated: assumed.exploring,
      unit: 'of all',
    },
    {
      what: 'requests to unknown nodes, above which a name that only sells air pays for itself',
      at: findThreshold((exploring) => beside({ exploring }), 1e-4, 1) ?? null,
      stated: assumed.exploring,
      unit: 'of all',
    },
    {
      what: 'interest on stake, above which a name that only sells air does not pay',
      at:
        findThreshold((interest) => airOf(given) < presenceCost(facts, { ...assumed, interest }), 0.01, 10) ??
        null,
      stated: assumed.interest,
      unit: 'a year',
    },
    {
      what: `weight of the price below which air at the highest price that clients pay, ${highestPrice}, brings more than serving`,
      at:
        findThreshold((priceExponent) => airOf(given, { priceExponent }, highestPrice) < honest, 0.01, 6) ??
        null,
      stated: assumed.priceExponent,
      unit: 'exponent',
    },
    {
      what: 'weight of the record below which billing twice brings more than serving',
      at: findThreshold((recordExponent) => overcounted(given, 2, { recordExponent }) < 1, 0, 6) ?? null,
      stated: assumed.recordExponent,
      unit: 'exponent',
    },
  ]
}

function run(given: Given): Outcome {
  const { facts, assumed } = given
  const honest = honestBooks(facts, assumed, equalLoad(assumed)).profit
  const shares = sweep('exploring', 30, 0.001, 1)
  return {
    tables: [
      {
        title: 'A node that sells air, tokens a month, by the price that it asks for a page',
        head: ['asks', 'sells', 'of what an honest one earns, %'],
        rows: [1, 4, 10, 100, facts.client.highestPrice / facts.price.page].map((times) => {
          const sold = airOf(given, {}, facts.price.page * times)
          return [facts.price.page * times, sold, (100 * sold) / honest]
        }),
      },
    ],
    thresholds: thresholds(given),
    attacks: attacks(given),
    claims: [
      { text: 'selling air brings less than serving', holds: airOf(given) < honest },
      {
        text: 'and less at any higher price',
        holds: [2, 4, 10, 100, 1000].every(
          (times) => airOf(given, {}, facts.price.page * times) <= airOf(given),
        ),
      },
      {
        text: 'over-counting brings less than serving, twofold to tenfold',
        holds: [2, 3, 5, 10].every((times) => overcounted(given, times) < 1),
      },
    ],
    plots: [
      {
        file: 'air',
        title: 'Selling air and serving',
        x: { label: 'part of paid requests that clients give to unknown nodes', log: true },
        y: { label: 'tokens a month', log: true },
        lines: [
          ...[0.1, 1].map((reach) => ({
            name: `air, ${(assumed.operators * reach).toLocaleString('en')} nodes serve`,
            points: shares.map(
              (exploring) =>
                [exploring, airOf(given, { exploring, operators: assumed.operators * reach })] as const,
            ),
          })),
          { name: 'serving, profit', points: shares.map((share) => [share, honest] as const) },
          {
            name: 'cost of a name',
            points: shares.map((share) => [share, presenceCost(facts, assumed)] as const),
          },
        ],
        marks: [{ x: assumed.exploring, name: 'stated' }],
      },
    ],
  }
}

export const air: Scenario = {
  name: 'air',
  title: 'Nodes that take money and serve nothing, or too little',
  run,
}
