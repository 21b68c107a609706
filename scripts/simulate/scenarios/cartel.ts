import { sweep, type Assumed } from '../assumptions.ts'
import { findThreshold } from '../bisect.ts'
import { equalLoad, honestBooks } from '../model/books.ts'
import { pageCost } from '../model/money.ts'
import { cartelEarnings } from '../model/real-selector.ts'
import { bestPrice, weightOf } from '../model/selector.ts'
import type { Given, Outcome, Scenario } from '../outcome.ts'

/** What a member of a cartel earns a page's worth of demand, relative to no cartel: a part of the nodes asks `times` the price of the others. */
function cartelGain(
  part: number,
  times: number,
  { facts, assumed }: Pick<Given, 'facts' | 'assumed'>,
): number {
  const { page } = facts.price
  const cost = pageCost(assumed)
  const weight =
    weightOf({ price: times * page, record: 1 }, assumed) / weightOf({ price: page, record: 1 }, assumed)
  const demand = weight / (part * weight + 1 - part)
  return (demand * (times * page - cost)) / (page - cost)
}

/** What whoever stays out of it, or leaves it, earns. */
function outsiderGain(
  part: number,
  times: number,
  { facts, assumed }: Pick<Given, 'facts' | 'assumed'>,
): number {
  const { page } = facts.price
  const weight =
    weightOf({ price: times * page, record: 1 }, assumed) / weightOf({ price: page, record: 1 }, assumed)
  return 1 / (part * weight + 1 - part)
}

/** Prices: agreed on, or fought with. */
function run(given: Given): Outcome {
  const { facts, assumed } = given
  const load = equalLoad(assumed)
  const honest = honestBooks(facts, assumed, load)
  const lowest = bestPrice(pageCost(assumed), assumed) ?? facts.client.highestPrice
  const atWar = honestBooks(facts, assumed, { ...load, price: lowest })
  const parts = Array.from({ length: 25 }, (_, at) => (at + 1) / 25)
  const needed = (times: number, over: Partial<Assumed> = {}): number | undefined =>
    findThreshold((part) => cartelGain(part, times, { facts, assumed: { ...assumed, ...over } }) < 1, 0, 1)
  const least = needed(2) ?? 1
  const bySelector = cartelEarnings(0.5, 2).member
  return {
    tables: [
      {
        title: 'An operator’s vouchers and profit in a month, in tokens',
        head: ['', 'price of a page', 'vouchers', 'profit'],
        rows: [
          ['stated price', facts.price.page, honest.vouchers, honest.profit],
          ['where a price war ends', lowest, atWar.vouchers, atWar.profit],
          [
            'what a page costs',
            pageCost(assumed),
            load.pages * pageCost(assumed),
            honest.profit - honest.vouchers + honest.service,
          ],
        ],
      },
    ],
    thresholds: [
      ...[1.5, 2, 4].map((times) => ({
        what: `part of the nodes in a cartel, above which ${times} times the price pays`,
        at: needed(times) ?? null,
        stated: 0.5,
        unit: 'of the nodes',
      })),
      {
        what: 'nodes that have to join outside, for each of the cartel, to end it at twice the price',
        at: 1 / least - 1,
        stated: 0,
        unit: 'nodes',
      },
      {
        what: 'weight of the price, below which a cartel of half of the nodes pays at twice the price',
        at:
          findThreshold(
            (priceExponent) => cartelGain(0.5, 2, { facts, assumed: { ...assumed, priceExponent } }) > 1,
            0.1,
            6,
          ) ?? null,
        stated: assumed.priceExponent,
        unit: 'exponent',
      },
    ],
    attacks: [
      {
        name: 'half of the nodes ask twice the price',
        cost: honest.vouchers,
        gain: honest.vouchers * bySelector,
        harm: honest.vouchers * (bySelector / 2),
        per: 'month',
      },
      {
        name: 'sell below cost, to drive others out',
        cost: load.pages * pageCost(assumed) * assumed.operators,
        gain: 0,
        harm: honest.vouchers,
        per: 'month',
      },
    ],
    claims: [
      {
        text: 'a cartel of half of the nodes loses even if clients weigh prices by no more than their square',
        holds: cartelGain(0.5, 2, given) < 1,
      },
      {
        text: 'in a cartel of all but one, whoever leaves earns more',
        holds: outsiderGain(0.99, 2, given) > cartelGain(0.99, 2, given),
      },
      { text: 'a price war leaves serving worth it', holds: atWar.profit > 0 },
    ],
    plots: [
      {
        file: 'cartel',
        title: 'A cartel, if clients weighed prices by no more than their square',
        x: { label: 'part of the nodes in the cartel' },
        y: { label: 'relative to no cartel', log: true },
        lines: [
          ...[1.5, 2, 4].map((times) => ({
            name: `member, price × ${times}`,
            points: parts.map((part) => [part, cartelGain(part, times, given)] as const),
          })),
          {
            name: 'outsider, price × 2',
            points: parts.map((part) => [part, outsiderGain(part, 2, given)] as const),
          },
          {
            name: 'no cartel',
            points: [
              [parts[0]!, 1],
              [1, 1],
            ],
          },
        ],
      },
      {
        file: 'price-war',
        title: 'Where a price war ends',
        x: { label: 'weight of the price in the choice of a node, exponent' },
        y: { label: 'price of a page, tokens', log: true },
        lines: [
          {
            name: 'best price of one of many',
            points: sweep('priceExponent', 25, 1.1, 6).map(
              (priceExponent) =>
                [priceExponent, bestPrice(pageCost(assumed), { ...assumed, priceExponent })!] as const,
            ),
          },
          {
            name: 'stated price',
            points: [
              [1.1, facts.price.page],
              [6, facts.price.page],
            ],
          },
          {
            name: 'what a page costs',
            points: [
              [1.1, pageCost(assumed)],
              [6, pageCost(assumed)],
            ],
          },
        ],
      },
    ],
  }
}

export const cartel: Scenario = { name: 'cartel', title: 'Cartels and price wars', run }
