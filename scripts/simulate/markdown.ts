import type { Attack, Table } from './outcome.ts'
import { figure } from './report.ts'
import type { Results } from './results.ts'
import { SCENARIOS } from './scenarios/index.ts'

/** Every table, threshold and attack of a run as a page; docs/economics.md says what they mean. */
export function pageOf({ scenarios, seed }: Results): string {
  const sections = SCENARIOS.flatMap(({ name, title }) => {
    const outcome = scenarios[name]
    if (!outcome) return []
    const { tables, thresholds, attacks, plots } = outcome
    const limits = thresholds.map(({ what, at, stated, unit }) => [
      what,
      at ?? 'nowhere in range',
      stated,
      unit,
    ])
    return [
      `## ${title}`,
      ...tables.map(({ title: of, head, rows }) => `${of}:\n\n${rowsOf({ head, rows })}`),
      ...(attacks.length > 0 ? [`What attacks cost and bring, in tokens:\n\n${attackRows(attacks)}`] : []),
      ...(limits.length > 0
        ? [`Where it stops being true:\n\n${rowsOf({ head: ['', 'at', 'stated', 'unit'], rows: limits })}`]
        : []),
      plots.map((plot) => `![${plot.title}](${plot.file}.svg)`).join('\n'),
    ]
  })
  const head = `# Results of npm run simulate\n\nGenerated, with seed ${seed}. [What they mean](../economics.md).`
  return `${[head, ...sections].join('\n\n')}\n`
}

function attackRows(attacks: readonly Attack[]): string {
  const rows = attacks.map(({ name, cost, gain, harm, per, pays }) => [
    name,
    cost,
    gain,
    harm,
    per,
    pays ? 'pays' : '',
  ])
  return rowsOf({ head: ['attack', 'costs', 'brings', 'does to others', 'for each', ''], rows })
}

function rowsOf({ head, rows }: Pick<Table, 'head' | 'rows'>): string {
  const line = (cells: readonly (string | number)[]): string =>
    `| ${cells.map((cell) => (typeof cell === 'number' ? figure(cell) : cell)).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
