import { sweep, type Assumed } from '../assumptions.ts'
import { findThreshold } from '../bisect.ts'
import { census, createMarket, type Census } from '../model/market.ts'
import { STRATEGIES, type Strategy } from '../model/strategies.ts'
import type { Given, Outcome, Plot, Scenario, Threshold } from '../outcome.ts'
import { randomFrom } from '../random.ts'

const MONTHS = 120
const STARTS = ['serve', 'air', 'idle', 'kickback', 'away', 'mixed'] as const
type Start = (typeof STARTS)[number]
/** For sweeps: a tenth of the network, and half of the time. */
const SMALL = 10
/** Halvings of a threshold that takes a run each: a part in a hundred. */
const HALVINGS = 10

interface Run {
  readonly start: Start
  readonly months: readonly Census[]
}

/** Operators by their best replies, month by month. */
function simulate({ facts, assumed, seed }: Given, start: Start, months: number): Run {
  const random = randomFrom(seed)
  const first = (at: number): Strategy => (start === 'mixed' ? STRATEGIES[at % STRATEGIES.length]! : start)
  const market = createMarket({ facts, assumed, random, start: first })
  const seen = [census(market.operators)]
  for (let month = 0; month < months; month++) {
    market.step()
    seen.push(census(market.operators))
  }
  return { start, months: seen }
}

/** Where a smaller network ends up with some assumptions changed. */
function endOf(given: Given, over: Partial<Assumed>): Census {
  const { assumed } = given
  const candidates = assumed.candidates / SMALL
  const small = { ...assumed, candidates, clients: assumed.clients / SMALL, ...over }
  return simulate({ ...given, assumed: small }, 'serve', MONTHS / 2).months.at(-1)!
}

function plots(given: Given, hostile: Run): Plot[] {
  const shown = ['serve', 'air', 'kickback', 'idle', 'overcount', 'wash'] as const
  const worths = sweep('quotaWorth', 10, 0.01, 1)
  const unserved = (worth: number): number => 100 * (1 - endOf(given, { quotaWorth: worth }).served)
  return [
    {
      file: 'market',
      title: 'Operators by what they do, when all of them sell air at first',
      x: { label: 'months' },
      y: { label: 'operators' },
      lines: shown.map((strategy) => ({
        name: strategy,
        points: hostile.months.flatMap(({ operators }, month) =>
          month % 3 === 0 ? [[month, operators[strategy]] as const] : [],
        ),
      })),
    },
    {
      file: 'kick-backs',
      title: 'Fees that kick-backs draw away from those who serve',
      x: { label: 'worth of a home’s free quota to a member, tokens a month', log: true },
      y: { label: 'fees, %' },
      lines: [
        { name: 'best replies, after five years', points: worths.map((worth) => [worth, unserved(worth)]) },
      ],
      marks: [{ x: given.assumed.quotaWorth, name: 'stated' }],
    },
  ]
}

function thresholds(given: Given): Threshold[] {
  const { assumed } = given
  const part = (over: Partial<Assumed>, strategy: Strategy): number => {
    const { operators } = endOf(given, over)
    const present = Object.values(operators).reduce((sum, count) => sum + count, 0) - operators.away
    return operators[strategy] / Math.max(1, present)
  }
  return [
    {
      what: 'worth of a home’s quota below which kick-backs draw a quarter of the fees away',
      at:
        findThreshold((quotaWorth) => endOf(given, { quotaWorth }).served > 0.75, 0.01, 3, HALVINGS) ?? null,
      stated: assumed.quotaWorth,
      unit: 'tokens a month',
    },
    {
      what: 'paid requests given to unknown nodes, above which one operator of twenty sells air',
      at: findThreshold((exploring) => part({ exploring }, 'air') < 0.05, 0.01, 1, HALVINGS) ?? null,
      stated: assumed.exploring,
      unit: 'of all',
    },
    {
      what: 'weight of the record below which one operator of twenty over-counts',
      at:
        findThreshold((recordExponent) => part({ recordExponent }, 'overcount') < 0.05, 0, 6, HALVINGS) ??
        null,
      stated: assumed.recordExponent,
      unit: 'exponent',
    },
  ]
}

function run(given: Given): Outcome {
  const runs = STARTS.map((start) => simulate(given, start, MONTHS))
  const ends = runs.map(({ start, months }) => ({ start, end: months.at(-1)! }))
  return {
    tables: [
      {
        title: `${given.assumed.candidates.toLocaleString('en')} operators after ${MONTHS} months of best replies, by how they began`,
        head: ['began with', ...STRATEGIES, 'fees to who serves, %', 'price of a page'],
        rows: ends.map(({ start, end }) => [
          start,
          ...STRATEGIES.map((strategy) => end.operators[strategy]),
          100 * end.served,
          end.price,
        ]),
      },
    ],
    thresholds: thresholds(given),
    attacks: [],
    claims: ends.flatMap(({ start, end }) => [
      {
        text: `fees reach operators who serve, nine of ten, having begun with ${start}`,
        holds: end.served > 0.9,
      },
      {
        text: `nobody washes, idles or over-counts in the end, and less than one of fifty sells air, having begun with ${start}`,
        holds:
          end.operators.wash + end.operators.idle + end.operators.overcount === 0 &&
          end.operators.air < 0.02 * end.operators.serve,
      },
    ]),
    plots: plots(
      given,
      runs.find(({ start }) => start === 'air')!,
    ),
  }
}

export const market: Scenario = {
  name: 'market',
  title: 'What operators do when each does what pays best',
  slow: true,
  run,
}
