import { sweep } from '../assumptions.ts'
import { findThreshold } from '../bisect.ts'
import { honestBooks, presenceCost } from '../model/books.ts'
import { airIncome } from '../model/selector.ts'
import type { Given, Outcome, Scenario } from '../outcome.ts'

/** Operators that a network needs at least, so that one may fail and two still disagree. */
const FEWEST = 3
const FIRST_MEMBERS = 300

/** An operator's month in a network of so many members, by fees alone or with vouchers at the stated price. */
function profit({ facts, assumed }: Given, members: number, operators: number, paid: boolean): number {
  const each = members / operators
  const payers = paid ? each * assumed.payingShare : 0
  return honestBooks(facts, assumed, { members: each, payers, pages: payers * assumed.paidPages }).profit
}

/** What the first operators lose in all until they earn, and in which month they do. */
export function untilItPays(given: Given, growth: number): { readonly lost: number; readonly month: number } {
  let lost = 0
  for (let month = 0, members = FIRST_MEMBERS; month < 240; month++, members *= 1 + growth) {
    const all = FEWEST * profit(given, members, FEWEST, false)
    if (all >= 0) return { lost, month }
    lost -= all
  }
  return { lost, month: Infinity }
}

/** Few members, few operators. */
function run(given: Given): Outcome {
  const { facts, assumed } = given
  const members = sweep('clients', 30)
  const fed = (count: number, paid: boolean): number =>
    findThreshold((operators) => profit(given, count, operators, paid) > 0, 1e-3, 1e7) ?? 0
  const air = (count: number): number =>
    airIncome(
      {
        payers: count * assumed.payingShare,
        units: assumed.paidPages,
        serving: FEWEST,
        price: facts.price.page,
        asked: facts.price.page,
      },
      assumed,
    )
  const growths = [0.05, 0.1, assumed.growth, 0.3]
  return {
    tables: [
      {
        title: `The first ${FEWEST} operators, from ${FIRST_MEMBERS} members on, fees alone`,
        head: ['growth a month, %', 'months until it pays', 'tokens lost until then, all together'],
        rows: growths.map((growth) => {
          const { lost, month } = untilItPays(given, growth)
          return [100 * growth, month, lost]
        }),
      },
    ],
    thresholds: [
      {
        what: `members that feed ${FEWEST} operators by fees alone`,
        at: findThreshold((count) => profit(given, count, FEWEST, false) < 0, 1, 1e8) ?? null,
        stated: assumed.clients,
        unit: 'members',
      },
      {
        what: 'the same with vouchers at the stated price',
        at: findThreshold((count) => profit(given, count, FEWEST, true) < 0, 1, 1e8) ?? null,
        stated: assumed.clients,
        unit: 'members',
      },
      {
        what: `members, above which one more name that sells air beside ${FEWEST} operators pays for itself`,
        at: findThreshold((count) => air(count) < presenceCost(facts, assumed), 1, 1e9) ?? null,
        stated: assumed.clients,
        unit: 'members',
      },
    ],
    attacks: [],
    claims: [
      {
        text: 'a name that sells air earns nothing in a network that does not yet feed its operators',
        holds: air(FIRST_MEMBERS) < presenceCost(facts, assumed),
      },
    ],
    plots: [
      {
        file: 'start',
        title: 'How many operators a network feeds',
        x: { label: 'members', log: true },
        y: { label: 'operators', log: true },
        lines: [false, true].map((paid) => ({
          name: paid ? 'fees and vouchers at the stated price' : 'fees alone',
          points: members.flatMap((count) => {
            const operators = fed(count, paid)
            return operators >= 0.1 ? [[count, operators] as const] : []
          }),
        })),
        marks: [{ x: assumed.clients, name: 'stated' }],
      },
    ],
  }
}

export const start: Scenario = { name: 'start', title: 'Thin markets', run }
