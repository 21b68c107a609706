import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Bench, Row } from '../../scripts/bench/bench.ts'
import { gasTable } from './tools/gas-table.ts'
import { OPERATIONS } from './tools/gas-operations.ts'
import { gasRows, type Snapshots } from './tools/gas-rows.ts'

const FOLDER = join(import.meta.dirname, '../../snapshots')

async function readSnapshots(): Promise<Snapshots> {
  const snapshots = new Map<string, Map<string, number>>()
  const files = await readdir(FOLDER).catch(() => [])
  for (const file of files.filter((name) => name.endsWith('.json')).sort()) {
    const entries = JSON.parse(await readFile(join(FOLDER, file), 'utf8')) as Record<string, string>
    const numbers = Object.entries(entries).map(([name, gas]) => [name, Number(gas)] as const)
    snapshots.set(basename(file, '.json'), new Map(numbers))
  }
  return snapshots
}

export default {
  name: 'gas',
  title: 'whole transactions, as in snapshots/, which `npm run contracts` measures and CI compares',
  run: async (): Promise<Row[]> => gasRows(OPERATIONS, await readSnapshots()),
  table: gasTable,
} satisfies Bench
