import { randomFrom } from '../random.ts'
import { RULES, settleRule, type Rule, type RuleResult, type RuleWorld } from '../model/rules.ts'
import type { Given, Outcome, Scenario } from '../outcome.ts'

const OPERATORS = 1_000
/** Tokens a month of an operator's share. */
const FEES_EACH = 25
const DEMANDS = [1, 3, 10, 30, 100]

/** Ways to share out fees, each with the operators' best replies to it. */
function run({ facts, assumed, seed }: Given): Outcome {
  const world = (demandEach: number): RuleWorld => ({
    operators: OPERATORS,
    fees: OPERATORS * FEES_EACH,
    demand: OPERATORS * demandEach,
    machine: assumed.machine,
    cut: 1 / facts.membership.burnDivisor,
  })
  const results = DEMANDS.map((demand) => ({
    demand,
    by: new Map<Rule, RuleResult>(
      RULES.map((rule) => [rule, settleRule(rule, world(demand), randomFrom(seed))]),
    ),
  }))
  const percent = (part: number): number => 100 * part
  return {
    tables: [
      {
        title: `Fees shared out among ${OPERATORS.toLocaleString('en')} operators, ${FEES_EACH} tokens a month for each: after best replies`,
        head: [
          'rule',
          'paid demand an operator',
          'serve, %',
          'pay themselves, %',
          'fees to those who do not serve, %',
        ],
        rows: RULES.flatMap((rule) =>
          results.map(({ demand, by }) => {
            const { serving, washing, toIdle } = by.get(rule)!
            return [rule, demand, percent(serving), percent(washing), percent(toIdle)]
          }),
        ),
      },
    ],
    thresholds: [],
    attacks: [],
    claims: results.map(({ demand, by }) => ({
      text: `under the home rule all serve and nobody pays itself, at a demand of ${demand} an operator`,
      holds: by.get('home')!.serving === 1 && by.get('home')!.washing === 0,
    })),
    plots: [
      {
        file: 'rules',
        title: 'Fees that reach operators who do not serve, by how fees are shared out',
        x: { label: 'paid demand an operator, tokens a month', log: true },
        y: { label: 'fees, %' },
        lines: RULES.map((rule) => ({
          name: rule === 'home' ? 'home (ours)' : rule,
          points: results.map(({ demand, by }) => [demand, percent(by.get(rule)!.toIdle)]),
        })),
      },
    ],
  }
}

export const rules: Scenario = {
  name: 'rules',
  title: 'Why fees go where members direct them',
  slow: true,
  run,
}
