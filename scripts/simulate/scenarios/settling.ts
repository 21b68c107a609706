import { sweep, type Assumed } from '../assumptions.ts'
import { thresholdOf } from '../bisect.ts'
import { gasCost, MONTH } from '../model/money.ts'
import type { Given, Outcome, Scenario } from '../outcome.ts'

/** Collecting vouchers when gas is dear, when payers pay dust, and when they leave. */
function run(given: Given): Outcome {
  const { facts, assumed } = given
  const { gas, node, price } = facts
  const at = (units: number, gasPrice = assumed.gasPrice): number => gasCost(units, { ...assumed, gasPrice })
  /** The part of a voucher that its gas may eat, at a node that knows what a coin is worth. */
  const tolerable = 1 / node.settlementFactor
  const each = at(gas.collectEach)
  const leaving = at(gas.thawChannel + gas.deallocate)
  /** The least voucher of which gas takes no more than what is tolerable. */
  const least = (gasPrice = assumed.gasPrice): number => at(gas.collectEach, gasPrice) / tolerable
  const monthly = assumed.paidPages * price.page
  const perMonth = MONTH / node.settleEvery
  const dust = (over: Partial<Assumed>): boolean => price.page > gasCost(gas.collect, { ...assumed, ...over })
  const prices = sweep('gasPrice', 40)
  return {
    tables: [
      {
        title: 'Collecting vouchers at the stated gas price, tokens',
        head: ['', ''],
        rows: [
          ['gas of a voucher alone', at(gas.collect)],
          ['gas of each of 25', each],
          ['a payer’s month', monthly],
          ['the default of minimumSettlement', node.minimumSettlement],
          [`the least voucher of which gas takes ${100 * tolerable} %, in batches`, least()],
          ['gas of leaving a channel: thaw, deallocate', leaving],
        ],
      },
    ],
    thresholds: [
      {
        what: 'gas price, above which the default of minimumSettlement collects a page at a loss',
        at: thresholdOf((gasPrice) => dust({ gasPrice }), 1e-6, 1e4),
        stated: assumed.gasPrice,
        unit: 'gwei',
      },
      {
        what: `minimumSettlement, above which gas takes less than ${100 * tolerable} %`,
        at: thresholdOf((amount) => each > amount * tolerable, 1e-6, 1e6),
        stated: node.minimumSettlement,
        unit: 'tokens',
      },
      {
        what: 'gas price, above which a payer’s month is not worth collecting',
        at: thresholdOf((gasPrice) => at(gas.collectEach, gasPrice) < monthly, 1e-4, 1e5),
        stated: assumed.gasPrice,
        unit: 'gwei',
      },
      {
        what: 'rise of the gas price within a thaw, above which vouchers of the least amount are given up',
        at: thresholdOf((times) => at(gas.collectEach, assumed.gasPrice * times) < least(), 1, 1e4),
        stated: 1,
        unit: 'times',
      },
      {
        what: 'chance that a node is away for a whole thaw, above which leaving without paying pays',
        at: Math.min(1, leaving / least()),
        stated: 0,
        unit: '',
      },
    ],
    attacks: [
      {
        name: 'drain the deposit to a sock-puppet payee',
        cost: at(gas.allocate + gas.collect),
        gain: 0,
        harm: 0,
        per: 'try',
      },
      {
        name: 'thaw in a spike, so that the voucher is not worth its gas',
        cost: at(gas.thawChannel + gas.deallocate, assumed.gasPrice / tolerable),
        gain: least(),
        harm: least(),
        per: 'channel',
      },
      {
        name: 'pay one page each time the node settles, so that gas eats it (coinValue 0)',
        cost: perMonth * price.page,
        gain: 0,
        harm: perMonth * Math.max(0, at(gas.collect) - price.page),
        per: 'month',
      },
    ],
    claims: [
      {
        text: 'whoever leaves in a spike pays more for leaving than the node gives up, whatever the gas price',
        holds: [1, 10, 100, 1_000].every(
          (times) =>
            at(gas.thawChannel + gas.deallocate, assumed.gasPrice * times) >
            at(gas.collectEach, assumed.gasPrice * times),
        ),
      },
      {
        text: 'a payer’s month is worth collecting, gas less than the part that a node tolerates',
        holds: each < monthly * tolerable,
      },
    ],
    plots: [
      {
        file: 'settlement',
        title: 'What gas takes of a voucher',
        x: { label: 'gas price, gwei', log: true },
        y: { label: 'part of the voucher, %', log: true },
        lines: [price.page, monthly, 1].map((worth) => ({
          name: `${worth} tokens, in a batch`,
          points: prices.map((gasPrice) => [gasPrice, (100 * at(gas.collectEach, gasPrice)) / worth]),
        })),
        marks: [{ x: assumed.gasPrice, name: 'stated' }],
      },
    ],
  }
}

export const settling: Scenario = {
  name: 'settling',
  title: 'Vouchers: dust, spikes of gas, payers that leave',
  run,
}
