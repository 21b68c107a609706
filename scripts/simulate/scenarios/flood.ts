import { sweep, type Assumed } from '../assumptions.ts'
import { thresholdOf } from '../bisect.ts'
import { equalLoad, honestBooks } from '../model/books.ts'
import { feeIncome } from '../model/income.ts'
import { cpuCost, gasCost, messageCost, MONTH } from '../model/money.ts'
import type { Given, Outcome, Scenario } from '../outcome.ts'

/** Messages an epoch that keep one core of every node busy with checking proofs. */
const filling = ({ facts, assumed }: Given): number => (facts.membership.epoch * 1_000) / assumed.messageCpu

/** Tokens a month of memberships for so many messages an epoch; with `own`, the fees come back to an operator of one's own. */
function priceOf({ facts, assumed }: Given, messages: number, own: boolean): number {
  const { feePerMessage, depositPerMessage, term } = facts.membership
  const fee = (messages * feePerMessage * MONTH) / term
  const deposit = (messages * depositPerMessage * assumed.interest) / 12
  const gas = gasCost(
    ((messages / facts.membership.highestLimit) * facts.gas.register * MONTH) / term,
    assumed,
  )
  return fee + deposit + gas - (own ? messages * feeIncome(1, facts) : 0)
}

/** What each operator pays a month for the messages that a flood brings, if nothing holds it up. */
function harmOf({ facts, assumed }: Given, messages: number): number {
  return ((messages * MONTH) / facts.membership.epoch) * messageCost(facts.node.retention, assumed)
}

const rewardPays = ({ facts, assumed }: Given, over: Partial<Assumed>): boolean => {
  const now = { ...assumed, ...over }
  const reward = (now.limit * facts.membership.depositPerMessage) / facts.membership.slashDivisor
  return reward > gasCost(facts.gas.slashCommit + facts.gas.slashReveal, now)
}

/** Messages within what was bought, and beyond it. */
function run(given: Given): Outcome {
  const { facts, assumed } = given
  const { depositPerMessage, slashDivisor, epoch } = facts.membership
  const messages = filling(given)
  const honest = honestBooks(facts, assumed, { ...equalLoad(assumed), payers: 0, pages: 0 }).profit
  const { highestLimit } = facts.membership
  const byLimit = highestLimit * depositPerMessage
  const levels = sweep('limit', 30, highestLimit, messages)
  return {
    tables: [
      {
        title: 'A flood that keeps a core of every node busy, all of it within the limits of memberships',
        head: ['', ''],
        rows: [
          ['messages a second', messages / epoch],
          ['memberships of the highest limit', messages / highestLimit],
          ['tokens locked as deposits', messages * depositPerMessage],
          ['tokens a month', priceOf(given, messages, false)],
          [
            'tokens a month if the fees come back to an operator of one’s own',
            priceOf(given, messages, true),
          ],
          ['what it costs each operator a month if nothing holds it up', harmOf(given, messages)],
          ['of that, checking', ((messages * MONTH) / epoch) * cpuCost(assumed.messageCpu, assumed)],
        ],
      },
    ],
    thresholds: [
      {
        what: 'messages a second of a flood, above which an operator that takes them all earns nothing',
        at: thresholdOf((level) => harmOf(given, level) < honest, 1, 1e9) / epoch,
        stated: messages / epoch,
        unit: 'messages/s',
      },
      {
        what: 'gas price, above which slashing a member of the stated limit costs more gas than it brings',
        at: thresholdOf((gasPrice) => rewardPays(given, { gasPrice }), 1e-4, 1e4),
        stated: assumed.gasPrice,
        unit: 'gwei',
      },
      {
        what: 'limit of a membership, below which slashing it costs more gas than it brings',
        at: thresholdOf((limit) => rewardPays(given, { limit }), 1e-3, 1e6),
        stated: assumed.limit,
        unit: 'messages an epoch',
      },
    ],
    attacks: [
      {
        name: 'flood beyond the limit, until slashed',
        cost: byLimit + gasCost(facts.gas.register, assumed),
        gain: 0,
        harm: highestLimit * assumed.operators * messageCost(facts.node.retention, assumed),
        per: 'membership',
      },
      {
        name: 'flood beyond it, and slash oneself',
        cost: byLimit + gasCost(facts.gas.register + facts.gas.slashCommit + facts.gas.slashReveal, assumed),
        gain: byLimit / slashDivisor,
        harm: highestLimit * assumed.operators * messageCost(facts.node.retention, assumed),
        per: 'membership',
      },
      {
        name: 'flood within the limits, a core of every node',
        cost: priceOf(given, messages, true),
        gain: 0,
        harm: harmOf(given, messages) * assumed.operators,
        per: 'month',
      },
    ],
    claims: [
      { text: 'slashing a member of the stated limit pays for its gas', holds: rewardPays(given, {}) },
    ],
    plots: [
      {
        file: 'flood',
        title: 'A flood within the limits: what it costs, and whom',
        x: { label: 'messages a second', log: true },
        y: { label: 'tokens a month', log: true },
        lines: [
          {
            name: 'the flooder',
            points: levels.map((level) => [level / epoch, priceOf(given, level, false)]),
          },
          {
            name: 'the flooder, fees come back',
            points: levels.map((level) => [level / epoch, priceOf(given, level, true)]),
          },
          { name: 'each operator', points: levels.map((level) => [level / epoch, harmOf(given, level)]) },
          {
            name: 'profit of an operator, fees alone',
            points: [
              [1, honest],
              [messages / epoch, honest],
            ],
          },
        ],
      },
    ],
  }
}

export const flood: Scenario = { name: 'flood', title: 'Floods, and who is paid for ending them', run }
