// `npm run scale`: carries on what `npm run bench -- scale` measured; docs/scale.md.
import { parseArgs } from 'node:util'
import { staleDocs, writeDocs } from './files.ts'
import { readMeasured } from './measured.ts'
import { compare, isClose } from './model.ts'

const HELP = `Carries what npm run bench -- scale measured on to more nodes and more people.

  npm run scale             writes the tables of docs/scale.md and the plots in docs/scale
  npm run scale -- --check  whether they show the measurements, and the model is within 20 % of them
`

function check(): string[] {
  const far = compare(readMeasured().details.runs).filter((point) => !isClose(point))
  return [
    ...far.map(({ what, measured, model }) => `${what}: measured ${measured}, by the model ${model}`),
    ...staleDocs().map((name) => `docs/${name} does not show the measurements: run npm run scale`),
  ]
}

const { values } = parseArgs({
  options: { check: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
})
if (values.help) process.stdout.write(HELP)
else {
  if (!values.check) writeDocs()
  const wrong = check()
  for (const line of wrong) process.stderr.write(`${line}\n`)
  process.exitCode = wrong.length === 0 ? 0 : 1
}
