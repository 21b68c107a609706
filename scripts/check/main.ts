// `npm run check [-- NAME…]`: everything that can be said about the code without running it.
import { parseArgs } from 'node:util'
import { CHECKS, type Check } from './checks.ts'
import type { Result } from './command.ts'

const AT_ONCE = 2
const USAGE = 2

const HELP = `Checks the code without running it: one line a check, details only of those that fail.

  npm run check              everything
  npm run check -- NAME…     only these

${CHECKS.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join('\n')}
`

function refuse(problem: string): never {
  process.stderr.write(`npm run check: ${problem}\nchecks: ${CHECKS.map(({ name }) => name).join(', ')}\n`)
  process.exit(USAGE)
}

function choose(): readonly Check[] {
  let parsed
  try {
    parsed = parseArgs({ options: { help: { type: 'boolean', short: 'h' } }, allowPositionals: true })
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
  if (parsed.values.help) {
    process.stdout.write(HELP)
    process.exit(0)
  }
  const names = parsed.positionals
  for (const name of names)
    if (!CHECKS.some((check) => check.name === name)) refuse(`there is no check "${name}"`)
  return names.length === 0 ? CHECKS : CHECKS.filter(({ name }) => names.includes(name))
}

async function runOne({ name, run }: Check): Promise<Result> {
  const started = performance.now()
  let result: Result
  try {
    result = await run()
  } catch (error) {
    result = { ok: false, detail: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
  const ms = Math.round(performance.now() - started)
  process.stdout.write(`${result.ok ? 'ok  ' : 'FAIL'} ${name.padEnd(10)} ${String(ms).padStart(6)} ms\n`)
  return result
}

async function main(): Promise<void> {
  const chosen = choose()
  const queue = [...chosen]
  const failed: { name: string; detail: string }[] = []
  const worker = async (): Promise<void> => {
    for (let check = queue.shift(); check; check = queue.shift()) {
      const { ok, detail } = await runOne(check)
      if (!ok) failed.push({ name: check.name, detail })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  for (const { name, detail } of failed) process.stdout.write(`\n== ${name}\n${detail}\n`)
  const verdict =
    failed.length === 0 ? 'all hold' : `${failed.length} failed: ${failed.map(({ name }) => name).join(', ')}`
  process.stdout.write(`\n${chosen.length} checks, ${verdict}\n`)
  process.exitCode = failed.length === 0 ? 0 : 1
}

await main()
