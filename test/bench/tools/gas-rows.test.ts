import { describe, expect, it } from 'vitest'
import { isMet } from '../../../scripts/bench/bench.ts'
import type { Operation } from './gas-operations.ts'
import { gasRows, type Snapshots } from './gas-rows.ts'
import { gasTable } from './gas-table.ts'

const OPERATION: Operation = {
  operation: 'pay',
  at: [
    ['Purse', 'pay'],
    ['Wallet', 'pay'],
  ],
  gate: 100,
  peers: [
    { who: 'them', gas: 150 },
    { who: 'others', gas: 300 },
  ],
  floor: { measured: 'pay' },
}

const snapshots = (files: Record<string, Record<string, number>>): Snapshots =>
  new Map(Object.entries(files).map(([file, entries]) => [file, new Map(Object.entries(entries))]))

const rowsOf = (files: Record<string, Record<string, number>>) => gasRows([OPERATION], snapshots(files))

describe('gas rows', () => {
  it('put our snapshot beside the others, the floor and the gate', () => {
    const rows = rowsOf({ Purse: { pay: 75 }, Floors: { pay: 60 } })
    expect(rows).toEqual([
      {
        metric: 'pay',
        unit: 'gas',
        ours: 75,
        min: 75,
        peers: { them: 150, others: 300, floor: 60 },
        ratio: 2,
        gate: { atMost: 100 },
      },
    ])
    expect(isMet(rows[0]!)).toBe(true)
  })

  it('take the first entry that is there, and show all others without a gate', () => {
    const rows = rowsOf({ Wallet: { pay: 80, fill: 7 }, Purse: { open: 5 } })
    expect(rows.map(({ metric, ours, gate }) => [metric, ours, gate === null])).toEqual([
      ['pay', 80, false],
      ['Wallet: fill', 7, true],
      ['Purse: open', 5, true],
    ])
  })

  it('carry a floor that was not measured with its note', () => {
    const operation: Operation = { ...OPERATION, floor: { figure: 50, note: 'estimate' } }
    expect(gasRows([operation], snapshots({}))[0]!.peers).toMatchObject({ 'floor (estimate)': 50 })
  })
})

describe('a gate that is not met', () => {
  it('is one whose snapshot is missing', () => {
    const rows = rowsOf({})
    expect(rows[0]).toMatchObject({ ours: null, ratio: null })
    expect(isMet(rows[0]!)).toBe(false)
    expect(gasTable(rows)).toContain('NO SNAPSHOT')
    expect(gasTable(rows)).toContain('0 of 1 gates met')
  })

  it('is one that is missed, and the table says by how much', () => {
    const rows = rowsOf({ Purse: { pay: 101 } })
    expect(isMet(rows[0]!)).toBe(false)
    expect(gasTable(rows)).toContain('MISSED by 1 ')
  })
})
