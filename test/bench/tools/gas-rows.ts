import type { Row } from '../../../scripts/bench/bench.ts'
import type { Operation } from './gas-operations.ts'

/** Entries of snapshots/, by file (without `.json`) and name. */
export type Snapshots = ReadonlyMap<string, ReadonlyMap<string, number>>

/** File of the minimal contracts, and the name under which floors stand in a row. */
const FLOORS = 'Floors'
export const FLOOR = 'floor'

/** A row an operation, then one for every other entry. What has no snapshot has no figure, and so misses its gate. */
export function gasRows(operations: readonly Operation[], snapshots: Snapshots): Row[] {
  const used = new Set<string>()
  const gated = operations.map((operation) => gatedRow(operation, snapshots, used))
  const others: Row[] = []
  for (const [file, entries] of snapshots) {
    if (file === FLOORS) continue
    for (const [entry, gas] of entries)
      if (!used.has(`${file} ${entry}`)) others.push(rowOf(`${file}: ${entry}`, gas, {}, null))
  }
  return [...gated, ...others]
}

function gatedRow(
  { operation, at, gate, peers, floor }: Operation,
  snapshots: Snapshots,
  used: Set<string>,
): Row {
  const found = at.find(([file, entry]) => snapshots.get(file)?.has(entry))
  if (found) used.add(found.join(' '))
  const ours = found ? snapshots.get(found[0])!.get(found[1])! : null
  const others: Record<string, number> = Object.fromEntries(peers.map(({ who, gas }) => [who, gas]))
  const least = floor && 'measured' in floor ? snapshots.get(FLOORS)?.get(floor.measured) : floor?.figure
  if (least !== undefined) others[floor && 'note' in floor ? `${FLOOR} (${floor.note})` : FLOOR] = least
  return rowOf(operation, ours, others, gate)
}

function rowOf(metric: string, ours: number | null, peers: Record<string, number>, gate: number | null): Row {
  const [first] = Object.entries(peers).filter(([who]) => !who.startsWith(FLOOR))
  return {
    metric,
    unit: 'gas',
    ours,
    min: ours,
    peers,
    ratio: first && ours !== null ? first[1] / ours : null,
    gate: gate === null ? null : { atMost: gate },
  }
}
