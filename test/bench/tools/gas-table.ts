import Table from 'cli-table3'
import { isMet, type Row } from '../../../scripts/bench/bench.ts'
import { FLOOR } from './gas-rows.ts'

const NOTE =
  'Figures of others were measured on their contracts, or published by them, before; floors are minimal contracts without checks.'

/** Operation, ours, the others, floor and gate, for a person to read. */
export function gasTable(rows: readonly Row[]): string {
  const table = new Table({
    head: ['operation', 'ours', 'floor', 'gate', '', 'others'],
    colAligns: ['left', 'right', 'right', 'right', 'left', 'left'],
    style: { head: [], border: [] },
  })
  for (const row of rows) {
    const entries = Object.entries(row.peers)
    const floors = entries.filter(([who]) => who.startsWith(FLOOR))
    const peers = entries.filter(([who]) => !who.startsWith(FLOOR))
    table.push([
      row.metric,
      row.ours === null ? '–' : figure(row.ours),
      floors.map(([, gas]) => figure(gas)).join('\n'),
      row.gate?.atMost === undefined ? '' : figure(row.gate.atMost),
      verdict(row),
      peers.map(([who, gas]) => `${who} ${figure(gas)}`).join('\n'),
    ])
  }
  const gated = rows.filter(({ gate }) => gate !== null)
  const met = gated.filter(isMet)
  return `${table.toString()}\n${met.length} of ${gated.length} gates met. ${NOTE}`
}

function verdict(row: Row): string {
  if (row.gate === null) return ''
  if (row.ours === null) return 'NO SNAPSHOT'
  if (isMet(row)) return 'ok'
  return `MISSED by ${figure(row.ours - row.gate.atMost!)}`
}

const figure = (gas: number) => gas.toLocaleString('en')
