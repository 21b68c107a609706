import Table from 'cli-table3'
import { isMet, type Gate, type Row } from './bench.ts'

/** The rows for a person to read. */
export function tableOf(rows: readonly Row[]): string {
  const table = new Table({
    head: ['', 'unit', 'ours', 'best', 'ratio', 'gate', '', 'others'],
    style: { head: [], border: [] },
  })
  for (const row of rows) {
    const others = Object.entries(row.peers).map(([name, value]) => `${name} ${figure(value)}`)
    const ratio = row.ratio === null ? '' : `${figure(row.ratio)} ×`
    const gate = row.gate ? gateText(row.gate) : ''
    const verdict = row.gate === null ? '' : isMet(row) ? 'met' : 'MISSED'
    table.push([
      row.metric,
      row.unit,
      figure(row.ours),
      figure(row.min),
      ratio,
      gate,
      verdict,
      others.join('\n'),
    ])
  }
  return table.toString()
}

function gateText({ ratio, atMost, atLeast }: Gate): string {
  const parts = [
    ratio !== undefined && `≥ ${ratio} ×`,
    atMost !== undefined && `≤ ${figure(atMost)}`,
    atLeast !== undefined && `≥ ${figure(atLeast)}`,
  ]
  return parts.filter((part) => part !== false).join(', ')
}

/** Three digits that matter, in groups of thousands. */
function figure(value: number | null): string {
  if (value === null) return '–'
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 0.1 ? 2 : 4
  return value.toLocaleString('en', { maximumFractionDigits: digits })
}
