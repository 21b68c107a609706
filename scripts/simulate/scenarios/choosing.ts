import { findThreshold } from '../bisect.ts'
import { presenceCost } from '../model/books.ts'
import { pageCost } from '../model/money.ts'
import {
  bestRatio,
  cartelEarnings,
  coalitionShare,
  loneShare,
  relativeWeight,
  unknownShare,
  type Difference,
} from '../model/real-selector.ts'
import type { Given, Outcome, Scenario } from '../outcome.ts'

/** Nodes that a client has a record of. */
const KNOWN = 10
/** Of the plot, between nobody and everybody. */
const STEPS = 41

const CASES: readonly (readonly [string, Difference])[] = [
  ['known for months', {}],
  ['unknown', { isNew: true }],
  ['unknown, broke its first promise', { isNew: true, broken: 1 }],
  ['known for months, broke one promise of 100', { broken: 1 }],
  ['half the price', { price: 0.5 }],
  ['twice the price', { price: 2 }],
  ['ten times the price', { price: 10 }],
  ['ten times the stake', { stake: 10 }],
  ['a tenth of the stake', { stake: 0.1 }],
]

/** What the selector of the clients does, as it is. */
function run({ facts, assumed }: Given): Outcome {
  const parts = Array.from({ length: STEPS - 1 }, (_, at) => (at + 1) / STEPS)
  const payers = assumed.clients * assumed.payingShare
  const name = presenceCost(facts, assumed) * assumed.lifetime
  const cheated = relativeWeight({ isNew: true, broken: 1 })
  return {
    tables: [
      {
        title: 'What a client gives a node, relative to one that it has known for months',
        head: ['node', 'weight'],
        rows: CASES.map(([text, difference]) => [text, relativeWeight(difference)]),
      },
      {
        title: `New topics that go to unknown nodes, of a client that knows ${KNOWN}; a topic stays with a node that serves it`,
        head: ['nodes', 'topics, %'],
        rows: [20, 100, 500, assumed.operators].map((nodes) => [nodes, 100 * unknownShare(nodes, KNOWN)]),
      },
      {
        title: 'Topics that one node is the first for, when it alone asks less, %',
        head: ['nodes', 'the usual price', 'half of it', 'a hundredth'],
        rows: [3, 10, 100].map((nodes) => [
          nodes,
          ...[1, 0.5, 0.01].map((ratio) => 100 * loneShare(nodes, ratio)),
        ]),
      },
    ],
    thresholds: [
      ...[1.1, 1.5, 2, 4].map((times) => ({
        what: `part of the nodes in a cartel, above which ${times} times the price pays`,
        at: findThreshold((part) => cartelEarnings(part, times).member < 1, 0.01, 0.99) ?? null,
        stated: 0.5,
        unit: 'of the nodes',
      })),
      {
        what: 'part of the nodes, above which those that ask hardly anything are the first for all topics but one of ten',
        at: findThreshold((part) => coalitionShare(part, 0.01) < 0.9, 0.01, 0.99) ?? null,
        stated: 1 / 4,
        unit: 'of the nodes',
      },
      {
        what: 'part of the nodes in a cartel, above which leaving it no longer pays',
        at:
          findThreshold(
            (part) => cartelEarnings(part, 2).outsider > cartelEarnings(part, 2).member,
            0.01,
            0.99,
          ) ?? null,
        stated: 0.5,
        unit: 'of the nodes',
      },
      {
        what: 'best price, when all others ask the usual one',
        at: bestRatio(pageCost(assumed) / facts.price.page),
        stated: 1,
        unit: 'times the usual',
      },
      {
        what: `nodes, above which a client that knows ${KNOWN} gives more than half of its new topics to others`,
        at: findThreshold((nodes) => unknownShare(nodes, KNOWN) < 0.5, KNOWN, 1e6) ?? null,
        stated: assumed.operators,
        unit: 'nodes',
      },
      {
        what: 'payers who each try a name once, above which a name that sells air pays for its life',
        at: name / facts.price.page,
        stated: payers,
        unit: 'payers',
      },
    ],
    attacks: [],
    claims: [
      {
        text: 'a node that broke its first promise gets less than a hundredth of what an unknown one gets',
        holds: cheated < 0.01 * relativeWeight({ isNew: true }),
      },
      {
        text: 'a node at ten times the price earns less than at the usual one',
        holds: 10 * relativeWeight({ price: 10 }) < 1,
      },
      {
        text: 'stake buys no more than half as much again, however large',
        holds: relativeWeight({ stake: 1_000 }) < 1.5,
      },
      {
        text: 'a cartel of up to two thirds loses, whether it asks a tenth more or four times the price',
        holds: [1.1, 1.5, 2, 4].every((times) =>
          [0.1, 1 / 3, 0.5, 0.65].every((part) => cartelEarnings(part, times).member < 1),
        ),
      },
      {
        text: 'whoever leaves a cartel at twice the price earns more, however large it is',
        holds: [0.1, 0.4, 0.6, 0.8, 0.99].every(
          (part) => cartelEarnings(part, 2).outsider > cartelEarnings(part, 2).member,
        ),
      },
      {
        text: 'one of ten nodes that asks nothing is the first for a quarter of the topics at most',
        holds: loneShare(10, 0) <= 0.2501,
      },
    ],
    plots: [
      {
        file: 'choosing',
        title: 'A cartel at twice the price, by the selector as it is',
        x: { label: 'part of the nodes in the cartel' },
        y: { label: 'earned by vouchers, relative to no cartel' },
        lines: [
          { name: 'member', points: parts.map((part) => [part, cartelEarnings(part, 2).member]) },
          { name: 'outsider', points: parts.map((part) => [part, cartelEarnings(part, 2).outsider]) },
          {
            name: 'no cartel',
            points: [
              [1 / STEPS, 1],
              [(STEPS - 1) / STEPS, 1],
            ],
          },
        ],
      },
    ],
  }
}

export const choosing: Scenario = { name: 'choosing', title: 'How clients choose, as the code has it', run }
