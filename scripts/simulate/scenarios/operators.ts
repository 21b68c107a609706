import { sweep, type Assumed } from '../assumptions.ts'
import { findThreshold, thresholdOf } from '../bisect.ts'
import type { Facts } from '../facts.ts'
import { feeIncome, steadyCap } from '../model/income.ts'
import { gasCost, MONTH } from '../model/money.ts'
import { equalLoad, honestBooks, type Books } from '../model/books.ts'
import type { Given, Outcome, Scenario, Threshold } from '../outcome.ts'

const GAS_PRICES = [0.05, 1, 10]

/** Books of an operator with so many members, of whom nobody pays for anything else. */
function feesAlone(facts: Facts, assumed: Assumed, members: number): Books {
  return honestBooks(facts, assumed, { members, payers: 0, pages: 0 })
}

/** Members from whose fees alone an operator lives; undefined if no number is enough. */
export function membersToLive(facts: Facts, assumed: Assumed): number | undefined {
  return findThreshold((members) => feesAlone(facts, assumed, members).profit > 0, 1, 1e7)
}

function thresholds({ facts, assumed }: Given): Threshold[] {
  const load = equalLoad(assumed)
  const profit = (over: Partial<Assumed>, members = load.members): number =>
    feesAlone(facts, { ...assumed, ...over }, members).profit
  const claimPays = (gasPrice: number): boolean =>
    feeIncome(assumed.limit, facts) * (facts.membership.term / MONTH) >
    gasCost(facts.gas.claimEach, { ...assumed, gasPrice })
  return [
    {
      what: 'members from whose fees alone an operator lives',
      at: membersToLive(facts, assumed) ?? null,
      stated: load.members,
      unit: 'members',
    },
    {
      what: 'operators that the fees of all members feed',
      at: thresholdOf((count) => profit({}, assumed.clients / count) > 0, 1, 1e6),
      stated: assumed.operators,
      unit: 'operators',
    },
    {
      what: 'machine that fees alone pay for',
      at: thresholdOf((machine) => profit({ machine }) > 0, 0.1, 1e4),
      stated: assumed.machine,
      unit: 'tokens a month',
    },
    {
      what: 'gas price up to which an operator lives on fees alone',
      at: thresholdOf((gasPrice) => profit({ gasPrice }) > 0, 1e-4, 1e4),
      stated: assumed.gasPrice,
      unit: 'gwei',
    },
    {
      what: 'gas price up to which claiming the fee of a term is worth its gas',
      at: thresholdOf(claimPays, 1e-4, 1e4),
      stated: assumed.gasPrice,
      unit: 'gwei',
    },
    {
      what: 'interest on stake up to which an operator lives on fees alone',
      at: thresholdOf((interest) => profit({ interest }) > 0, 0.001, 100),
      stated: assumed.interest,
      unit: 'a year',
    },
  ]
}

function run(given: Given): Outcome {
  const { facts, assumed } = given
  const load = equalLoad(assumed)
  const whole = honestBooks(facts, assumed, load)
  const alone = feesAlone(facts, assumed, load.members)
  const rows = (['fees', 'vouchers', 'machine', 'service', 'gas', 'capital', 'profit', 'stake'] as const).map(
    (name) => [name, whole[name], alone[name]],
  )
  const members = sweep('clients', 40, 10, 10_000)
  const prices = sweep('gasPrice', 40)
  return {
    tables: [
      {
        title: `An operator's month, one of ${assumed.operators.toLocaleString('en')} alike, in tokens`,
        head: ['', 'with vouchers', 'fees alone'],
        rows,
      },
    ],
    thresholds: thresholds(given),
    attacks: [],
    claims: [
      { text: 'an honest operator earns more than it spends at stated prices', holds: whole.profit > 0 },
      { text: 'it does so without a single paid request', holds: alone.profit > 0 },
      {
        text: 'its stake lets through what its members bring',
        holds: steadyCap(whole.stake, facts) >= whole.fees,
      },
    ],
    plots: [
      {
        file: 'operator',
        title: 'What an honest operator earns from fees alone',
        x: { label: 'members that name it', log: true },
        y: { label: 'profit, tokens a month' },
        lines: GAS_PRICES.map((gasPrice) => ({
          name: `gas at ${gasPrice} gwei`,
          points: members.map((count) => [count, feesAlone(facts, { ...assumed, gasPrice }, count).profit]),
        })),
        marks: [{ x: load.members, name: 'stated' }],
      },
      {
        file: 'break-even',
        title: 'Members that an operator needs to live on fees alone',
        x: { label: 'gas price, gwei', log: true },
        y: { label: 'members', log: true },
        lines: [5, 20, 100].map((machine) => ({
          name: `machine for ${machine} a month`,
          points: prices.flatMap((gasPrice) => {
            const needed = membersToLive(facts, { ...assumed, gasPrice, machine })
            return needed === undefined ? [] : [[gasPrice, needed] as const]
          }),
        })),
        marks: [{ x: assumed.gasPrice, name: 'stated' }],
      },
    ],
  }
}

export const operators: Scenario = {
  name: 'operators',
  title: 'What an honest operator earns and spends',
  run,
}
