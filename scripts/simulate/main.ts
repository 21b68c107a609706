// `npm run simulate`: who earns what, what each attack costs and brings, and where that changes; docs/economics.md.
import { parseArgs } from 'node:util'
import { readResults, staleFiles, writeResults } from './files.ts'
import { reportOf } from './report.ts'
import { claimsOf, DEFAULT_SEED, differences, simulate, type Results } from './results.ts'
import { SCENARIOS } from './scenarios/index.ts'

const USAGE = 2

const HELP = `Simulates the network's economy: prices, gas and parameters as committed, the rest assumed (scripts/simulate/assumptions.ts).

  npm run simulate                    everything; writes docs/economics/results.json and the plots beside it
  npm run simulate -- --only NAME     one scenario; repeat for more; writes nothing
  npm run simulate -- --seed N        with other random numbers; writes nothing
  npm run simulate -- --json          the results as JSON in place of tables
  npm run simulate -- --check         whether results and plots are those of the present code, gas and parameters;
                                      what takes more than a second is not run again but taken from the results

${SCENARIOS.map(({ name, title }) => `  ${name.padEnd(10)} ${title}`).join('\n')}
`

const say = (text: string): void => void process.stdout.write(`${text}\n`)

function refuse(problem: string): never {
  process.stderr.write(
    `npm run simulate: ${problem}\nscenarios: ${SCENARIOS.map(({ name }) => name).join(', ')}\n`,
  )
  process.exit(USAGE)
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        help: { type: 'boolean', short: 'h' },
        seed: { type: 'string' },
        only: { type: 'string', multiple: true },
        json: { type: 'boolean' },
        check: { type: 'boolean' },
      },
    })
    const seed = values.seed === undefined ? DEFAULT_SEED : Number(values.seed)
    if (!Number.isSafeInteger(seed) || seed < 0) refuse(`--seed takes a whole number, not ${values.seed}`)
    for (const name of values.only ?? [])
      if (!SCENARIOS.some((scenario) => scenario.name === name)) refuse(`there is no scenario "${name}"`)
    return { ...values, seed, isWhole: values.only === undefined && seed === DEFAULT_SEED }
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

function show(results: Results, json: boolean): void {
  if (json) return say(JSON.stringify(results, null, 2))
  for (const { name, title } of SCENARIOS) {
    const outcome = results.scenarios[name]
    if (outcome) say(reportOf(`${name}: ${title}`, outcome))
  }
}

/** True if nothing that is committed is out of date. */
async function check(): Promise<boolean> {
  const found = await simulate(SCENARIOS.filter(({ slow }) => !slow))
  const wrong = [
    ...differences(readResults(), found),
    ...staleFiles().map((name) => `docs/economics/${name} does not show docs/economics/results.json`),
  ]
  for (const line of wrong.slice(0, 20)) say(line)
  if (wrong.length > 0)
    say(`${wrong.length} differences: run npm run simulate and read docs/economics.md again`)
  return wrong.length === 0
}

async function main(): Promise<void> {
  const { help, json = false, only, seed, isWhole, check: isCheck } = readOptions()
  if (help) return void process.stdout.write(HELP)
  if (isCheck) {
    process.exitCode = (await check()) ? 0 : 1
    return
  }
  const started = performance.now()
  const results = await simulate(
    SCENARIOS.filter(({ name }) => only?.includes(name) ?? true),
    seed,
  )
  show(results, json)
  const failed = Object.values(results.scenarios)
    .flatMap(claimsOf)
    .filter(({ holds }) => !holds)
  if (isWhole) writeResults(results)
  process.stderr.write(
    `${failed.length === 0 ? 'everything claimed holds' : `${failed.length} claims do not hold`}; ${((performance.now() - started) / 1_000).toFixed(1)} s` +
      `${isWhole ? '; docs/economics is written' : ''}\n`,
  )
  process.exitCode = failed.length === 0 ? 0 : 1
}

await main()
