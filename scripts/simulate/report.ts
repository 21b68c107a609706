import Table from 'cli-table3'
import type { Attack, Outcome, Threshold } from './outcome.ts'
import { claimsOf } from './results.ts'

/** A scenario for a person to read. */
export function reportOf(title: string, outcome: Outcome): string {
  const { tables, thresholds, attacks } = outcome
  const failed = claimsOf(outcome).filter(({ holds }) => !holds)
  const parts = [
    ...tables.map((table) => `${table.title}\n${drawn(table.head, table.rows)}`),
    ...(attacks.length > 0
      ? [`What attacks cost and bring whoever tries them, in tokens\n${attackTable(attacks)}`]
      : []),
    ...(thresholds.length > 0 ? [`Where it stops being true\n${thresholdTable(thresholds)}`] : []),
    ...claimsOf(outcome)
      .filter(({ holds }) => holds)
      .map(({ text }) => `  ✓ ${text}`),
    ...failed.map(({ text }) => `  ✗ ${text}`),
  ]
  return `\n== ${title}\n\n${parts.join('\n')}`
}

function attackTable(attacks: readonly Attack[]): string {
  const head = ['attack', 'costs', 'brings', 'does to others', 'for each', '']
  return drawn(
    head,
    attacks.map(({ name, cost, gain, harm, per }) => [
      name,
      cost,
      gain,
      harm,
      per,
      gain > cost ? 'pays' : '',
    ]),
  )
}

function thresholdTable(thresholds: readonly Threshold[]): string {
  return drawn(
    ['', 'at', 'stated', 'unit'],
    thresholds.map(({ what, at, stated, unit }) => [what, at ?? 'nowhere in range', stated, unit]),
  )
}

function drawn(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const table = new Table({
    head: [...head],
    style: { head: [], border: [] },
    colWidths: [60],
    wordWrap: true,
  })
  for (const row of rows) table.push(row.map((cell) => (typeof cell === 'number' ? figure(cell) : cell)))
  return table.toString()
}

/** Four digits that matter, in groups of thousands. */
export function figure(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-4) return value.toExponential(2)
  return value.toLocaleString('en', { maximumSignificantDigits: Math.abs(value) >= 1_000 ? 6 : 4 })
}
