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
const FILE = /^([a-z0-9]+)(?:-[a-z0-9-]+)?\.bench\.ts$/
const USAGE = 2

const HELP = `Measures, side by side with others in the same run.

  npm run bench                  everything
  npm run bench -- NAME…         only these
  npm run bench -- --list        the names

Prints a table a name, and writes test/bench/results/NAME.json.
`

const say = (text: string) => void process.stdout.write(`${text}\n`)

/** Bench files by name, in alphabetical order. */
async function benchFiles(): Promise<Map<string, string[]>> {
  const files = new Map<string, string[]>()
  for (const file of (await readdir(FOLDER)).sort()) {
    const name = FILE.exec(file)?.[1]
    if (name !== undefined) files.set(name, [...(files.get(name) ?? []), file])
  }
  return files
}

function environment(): { cpu: string; cores: number; node: string } {
  return { cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism(), node: process.version }
}

async function runName(name: string, files: readonly string[]): Promise<void> {
  const tools = benchTools((text) => process.stderr.write(`  ${text}\n`))
  const { cpu, cores, node } = environment()
  const rows: Row[] = []
  for (const file of files) {
    const url = pathToFileURL(join(FOLDER, file)).href
    const { default: bench } = (await import(url)) as { default: Bench }
    say(`\n${name}: ${bench.title}`)
    rows.push(...(await bench.run(tools)))
  }
  say(`\n${tableOf(rows)}\n${cores} cores of ${cpu}, Node ${node}; medians, "best" the least of our rounds`)
  await mkdir(RESULTS, { recursive: true })
  const result = { name, measured: new Date().toISOString(), environment: { cpu, cores, node }, rows }
  await writeFile(join(RESULTS, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`)
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean', short: 'h' }, list: { type: 'boolean' } },
    allowPositionals: true,
  })
  const files = await benchFiles()
  if (values.help) return void process.stdout.write(HELP)
  if (values.list) return say([...files.keys()].join('\n'))
  const unknown = positionals.filter((name) => !files.has(name))
  if (unknown.length > 0) {
    process.stderr.write(
      `npm run bench: there is no ${unknown.join(', ')}; there is ${[...files.keys()].join(', ')}\n`,
    )
    process.exit(USAGE)
  }
  for (const [name, paths] of files) {
    if (positionals.length === 0 || positionals.includes(name)) await runName(name, paths)
  }
  process.exit(0) // some of the others keep threads that never end
}

await main()
