// `npm run bench [-- NAME…]`: measures against others in the same run; prints a table and keeps the figures as JSON.
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { Bench, Row } from './bench.ts'
import { tableOf } from './table.ts'
import { benchTools } from './tools.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const FOLDER = join(ROOT, 'test/bench')
const RESULTS = join(FOLDER, 'results')
const FILE = /^(([a-z0-9]+)(?:-[a-z0-9-]+)?)\.bench\.ts$/
const USAGE = 2

const HELP = `Measures, side by side with others in the same run.

  npm run bench                  everything
  npm run bench -- NAME…         only these
  npm run bench -- FILE…         only a part of one: proofs-prove for test/bench/proofs-prove.bench.ts; shown, not kept
  npm run bench -- --list        the names

Prints a table a name, and writes test/bench/results/NAME.json.
`

const say = (text: string) => void process.stdout.write(`${text}\n`)

/** Bench files by name, in alphabetical order. */
async function benchFiles(): Promise<Map<string, string[]>> {
  const files = new Map<string, string[]>()
  for (const file of (await readdir(FOLDER)).sort()) {
    const [, , name] = FILE.exec(file) ?? []
    if (name !== undefined) files.set(name, [...(files.get(name) ?? []), file])
  }
  return files
}

function environment(): { cpu: string; cores: number; node: string } {
  return { cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism(), node: process.version }
}

interface Found {
  readonly rows: readonly Row[]
  readonly details?: Readonly<Record<string, unknown>>
}

async function measure(name: string, files: readonly string[]): Promise<Found> {
  const details: Record<string, unknown> = {}
  const tools = benchTools(
    (text) => process.stderr.write(`  ${text}\n`),
    (more) => void Object.assign(details, more),
  )
  const rows: Row[] = []
  const timed: Row[] = []
  for (const file of files) {
    const url = pathToFileURL(join(FOLDER, file)).href
    const { default: bench } = (await import(url)) as { default: Bench }
    say(`\n${name}: ${bench.title}`)
    const found = await bench.run(tools)
    rows.push(...found)
    if (bench.table) say(`\n${bench.table(found)}`)
    else timed.push(...found)
  }
  if (timed.length > 0) {
    const { cpu, cores, node } = environment()
    say(
      `\n${tableOf(timed)}\n${cores} cores of ${cpu}, Node ${node}; medians, "best" the least of our rounds`,
    )
  }
  return Object.keys(details).length > 0 ? { rows, details } : { rows }
}

async function keep(name: string, found: Found): Promise<void> {
  await mkdir(RESULTS, { recursive: true })
  const result = { name, measured: new Date().toISOString(), environment: environment(), ...found }
  await writeFile(join(RESULTS, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`)
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean', short: 'h' }, list: { type: 'boolean' } },
    allowPositionals: true,
  })
  const all = await benchFiles()
  if (values.help) return void process.stdout.write(HELP)
  if (values.list) return say([...all].map(([name, files]) => `${name}: ${files.join(' ')}`).join('\n'))
  const parts = [...all.values()].flat().map((file) => file.replace('.bench.ts', ''))
  const unknown = positionals.filter((wanted) => !all.has(wanted) && !parts.includes(wanted))
  if (unknown.length > 0) {
    process.stderr.write(`npm run bench: there is no ${unknown.join(', ')}; see npm run bench -- --list\n`)
    process.exit(USAGE)
  }
  for (const [name, files] of all) {
    if (positionals.length === 0 || positionals.includes(name)) await keep(name, await measure(name, files))
    const some = files.filter((file) => positionals.includes(file.replace('.bench.ts', '')))
    if (some.length > 0 && !positionals.includes(name)) await measure(name, some)
  }
  process.exit(0) // some of the others keep threads that never end
}

await main()
