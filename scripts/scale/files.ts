import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { TeahouseError } from '@teahouse/protocol/errors'
import { svgOf } from '../simulate/plot/svg.ts'
import { carryOn, type Carried } from './carried.ts'
import { readMeasured } from './measured.ts'
import { reportOf, tablesOf } from './report.ts'

const DOCS = join(import.meta.dirname, '../../docs')
const MODEL = 'scale/model.json'
/** What stands between is written by `npm run scale`. */
const MARKS = ['<!-- measured: npm run scale -->', '<!-- /measured -->'] as const

/** The page and the plots as they have to be, by path below docs. Throws TeahouseError NO_MARKS if the page has no place for the tables. */
function shown(carried: Carried): Map<string, string> {
  const report = reportOf(readMeasured(), carried)
  const page = readFileSync(join(DOCS, 'scale.md'), 'utf8')
  const [from, to] = MARKS.map((mark) => page.indexOf(mark)) as [number, number]
  if (from < 0 || to < from)
    throw new TeahouseError(`docs/scale.md needs ${MARKS.join(' … ')}`, { code: 'NO_MARKS', marks: MARKS })
  const tables = `<!-- prettier-ignore-start -->\n\n${tablesOf(report)}\n\n<!-- prettier-ignore-end -->`
  return new Map([
    ['scale.md', `${page.slice(0, from)}${MARKS[0]}\n${tables}\n${page.slice(to)}`],
    ...report.plots.map((plot) => [`scale/${plot.file}.svg`, svgOf(plot)] as const),
  ])
}

/** Carries the measurements on, and writes tables and plots into docs/scale.md and docs/scale. */
export function writeDocs(): void {
  const carried = carryOn(readMeasured().details.runs)
  for (const [name, text] of [[MODEL, `${JSON.stringify(carried)}\n`] as const, ...shown(carried)]) {
    mkdirSync(dirname(join(DOCS, name)), { recursive: true })
    writeFileSync(join(DOCS, name), text)
  }
}

/** Files that do not show the measurements, and what the model says of networks of at most so many nodes. */
export function staleDocs(mostNodes?: number): string[] {
  const carried = JSON.parse(read(MODEL)) as Carried
  const { model, ...rest } = carryOn(readMeasured().details.runs, mostNodes)
  const kept = carried.model.slice(0, model.length)
  const isSame = isDeepStrictEqual({ ...carried, model: kept }, { ...rest, model })
  const stale = [...shown(carried)].filter(([name, text]) => read(name) !== text)
  return [...(isSame ? [] : [MODEL]), ...stale.map(([name]) => name)]
}

const read = (name: string): string => readFileSync(join(DOCS, name), 'utf8')
