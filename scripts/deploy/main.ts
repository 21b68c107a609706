/** `npm run deploy`: see `--help`. */
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { isTeahouseError } from '@teahouse/protocol/errors'
import { reportLines } from '../deployments/report.ts'
import { ROOT } from '../start/paths.ts'
import { deployTo } from './deploy.ts'
import { DeployError } from './errors.ts'
import { HELP, readOptions } from './options.ts'

const say = (line: string) => void process.stdout.write(`${line}\n`)

async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new DeployError('Nobody is there to ask: add --yes, or --dry-run to see the cost', {
      code: 'USAGE',
    })
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} Type yes: `)).trim())
  } finally {
    terminal.close()
  }
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (options === 'help') {
    process.stdout.write(HELP)
    return 0
  }
  const places = { root: ROOT, journals: join(ROOT, 'ignition'), records: join(ROOT, 'deployments') }
  const deployed = await deployTo(options, { places, say, confirm })
  if (!deployed) return 0
  const { lines, ok } = reportLines(deployed.reports)
  for (const line of lines) say(line)
  say(
    `Deployment ${deployed.record.id}. Run \`npm run contracts\` and commit both, so that releases know it.`,
  )
  return ok ? 0 : 1
}

function exitCodeOf(error: unknown): number {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  return isTeahouseError(error) && error.code === 'USAGE' ? 2 : 1
}

process.exit(await main().catch(exitCodeOf))
