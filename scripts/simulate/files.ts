import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Results } from './results.ts'
import { pageOf } from './markdown.ts'
import { svgOf } from './plot/svg.ts'

export const FOLDER = join(import.meta.dirname, '../../docs/economics')
const RESULTS = 'results.json'
const PAGE = 'results.md'

/** What is shown of a run: its plots and a page with its tables, by the name of their file. */
function shownOf(results: Results): Map<string, string> {
  const plots = Object.values(results.scenarios).flatMap((outcome) => outcome.plots)
  return new Map([
    ...plots.map((plot) => [`${plot.file}.svg`, svgOf(plot)] as const),
    [PAGE, pageOf(results)],
  ])
}

/** Writes results, plots and the page; plots that are not drawn any more go. */
export function writeResults(results: Results, folder: string = FOLDER): void {
  mkdirSync(folder, { recursive: true })
  const shown = shownOf(results)
  for (const name of drawn(folder)) if (!shown.has(name)) rmSync(join(folder, name))
  for (const [name, text] of shown) writeFileSync(join(folder, name), text)
  writeFileSync(join(folder, RESULTS), `${JSON.stringify(results)}\n`)
}

export const readResults = (folder: string = FOLDER): Results =>
  JSON.parse(readFileSync(join(folder, RESULTS), 'utf8')) as Results

/** Files in the folder that don't show the results in it, or are missing. */
export function staleFiles(folder: string = FOLDER): string[] {
  const shown = shownOf(readResults(folder))
  const there = new Set(drawn(folder))
  const wrong = [...shown].filter(
    ([name, text]) => !there.has(name) || readFileSync(join(folder, name), 'utf8') !== text,
  )
  return [...wrong.map(([name]) => name), ...[...there].filter((name) => !shown.has(name))]
}

const drawn = (folder: string): string[] =>
  readdirSync(folder).filter((name) => name.endsWith('.svg') || name === PAGE)
