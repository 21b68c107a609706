import { sweep } from '../assumptions.ts'
import { thresholdOf } from '../bisect.ts'
import { equalLoad, honestBooks } from '../model/books.ts'
import { feeIncome } from '../model/income.ts'
import { MONTH, pageCost, trafficCost } from '../model/money.ts'
import type { Given, Outcome, Scenario } from '../outcome.ts'

/** Pages a month that one identity has free at one node. */
const freePages = ({ facts }: Given): number => (facts.node.freeQuota * MONTH) / facts.node.quotaWindow

/** What a node's free quota costs it a month when so many connections use all of it. */
const costOf = (given: Given, connections: number): number =>
  connections * freePages(given) * pageCost(given.assumed)

/** Who takes what is free, under one name or many. */
function run(given: Given): Outcome {
  const { facts, assumed } = given
  const { connections, storeUpload } = facts.node
  const honest = honestBooks(facts, assumed, { ...equalLoad(assumed), payers: 0, pages: 0 })
  const full = costOf(given, connections)
  const uploaded = trafficCost(storeUpload * MONTH, assumed)
  const one = freePages(given) * pageCost(assumed)
  const wanted = Math.min(assumed.paidPages, freePages(given)) * facts.price.page
  return {
    tables: [
      {
        title: 'What is free at one node, by its own defaults',
        head: ['', ''],
        rows: [
          ['pages a month for one identity', freePages(given)],
          ['their cost to the node, tokens', one],
          [`the same for ${connections} connections`, full],
          ['all that the upload budget of the store profile lets through, tokens', uploaded],
          ['fees of its members, tokens', honest.fees],
        ],
      },
    ],
    thresholds: [
      {
        what: 'connections that use all of their free quota, above which they cost more than an operator earns',
        at: thresholdOf((count) => costOf(given, count) < honest.profit, 0.01, 1e6),
        stated: connections,
        unit: 'connections',
      },
      {
        what: 'free pages a window, above which a node full of free riders earns nothing',
        at: thresholdOf((quota) => (full * quota) / facts.node.freeQuota < honest.profit, 0.001, 1e4),
        stated: facts.node.freeQuota,
        unit: `pages in ${facts.node.quotaWindow} s`,
      },
      {
        what: 'upload budget, above which a node full of free riders earns nothing',
        at: thresholdOf((bytes) => trafficCost(bytes * MONTH, assumed) < honest.profit, 1, 1e10) / 1024,
        stated: storeUpload / 1024,
        unit: 'KiB/s',
      },
      {
        what: 'price of traffic, above which a node full of free riders earns nothing',
        at: thresholdOf(
          (traffic) => connections * freePages(given) * pageCost({ ...assumed, traffic }) < honest.profit,
          1e-6,
          1,
        ),
        stated: assumed.traffic,
        unit: 'tokens a GB',
      },
    ],
    attacks: [
      {
        name: 'never pay, and read as much as a payer',
        cost: 0,
        gain: wanted,
        harm: assumed.paidPages * pageCost(assumed),
        pays: true,
        per: 'month',
      },
      {
        name: `free-ride on all ${connections} connections of a node`,
        cost: 0,
        gain: full,
        harm: full,
        pays: true,
        per: 'month',
      },
    ],
    claims: [
      {
        text: 'a member that reads as much as a payer, and never pays, costs its home less than its fee brings',
        holds: assumed.paidPages * pageCost(assumed) < feeIncome(assumed.limit, facts),
      },
    ],
    plots: [
      {
        file: 'free-riders',
        title: 'What free riders cost a node',
        x: { label: 'connections that use all of their free quota', log: true },
        y: { label: 'tokens a month', log: true },
        lines: [
          ...[0.001, 0.01, 0.09].map((traffic) => ({
            name: `traffic at ${traffic} a GB`,
            points: sweep('operators', 30, 1, connections).map(
              (count) => [count, count * freePages(given) * pageCost({ ...assumed, traffic })] as const,
            ),
          })),
          {
            name: 'profit of an operator, fees alone',
            points: [
              [1, honest.profit],
              [connections, honest.profit],
            ],
          },
        ],
      },
    ],
  }
}

export const free: Scenario = { name: 'free', title: 'Who never pays, and who does so under many names', run }
