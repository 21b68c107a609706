/** `npm run deployments:check`: see `--help`. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { createPublicClient, http } from 'viem'
import { LocalNetwork } from '@teahouse/protocol/chain'
import { isTeahouseError } from '@teahouse/protocol/errors'
import hre from 'hardhat'
import { DeployError } from '../deploy/errors.ts'
import { readRecord } from '../deploy/record.ts'
import { paths } from '../start/paths.ts'
import { checkDeployment } from './check.ts'
import { reportLines } from './report.ts'

const HELP = `npm run deployments:check [-- OPTIONS]

Compiles the contracts and compares them with what stands on a chain: code with immutables and libraries, arguments of
the creation transactions, parameters read back. Without options: the network of the running \`npm start\`.

  --file FILE   a record, such as deployments/11155111/0a1b2c3d4e5f.json
  --rpc URL     JSON-RPC endpoint of its chain (default: TEAHOUSE_RPC_URL, else that of the running network)
  --json        the reports as JSON
  --help        this text

Examples
  npm run deployments:check
  npm run deployments:check -- --file deployments/11155111/0a1b2c3d4e5f.json --rpc https://rpc.example.org

Exit codes: 0 all the same, 1 something differs or went wrong, 2 wrong command line.
`

function parse() {
  try {
    const options = {
      file: { type: 'string' },
      rpc: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    } as const
    return parseArgs({ options }).values
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const message = `${why}\nSee: npm run deployments:check -- --help`
    throw new DeployError(message, { code: 'USAGE' }, { cause })
  }
}

/** The endpoint of the network that runs here. Throws DeployError NO_NETWORK. */
function localRpc(file: string): string {
  try {
    const { rpcUrl } = LocalNetwork.parse(JSON.parse(readFileSync(file, 'utf8')))
    if (rpcUrl !== undefined) return rpcUrl
    throw new TypeError('It names no endpoint')
  } catch (cause) {
    const message = `No network is running (there is no ${file}). Start one with npm start, or name --rpc URL`
    throw new DeployError(message, { code: 'NO_NETWORK', network: 'local' }, { cause })
  }
}

async function main(): Promise<number> {
  const { help, file, rpc, json } = parse()
  if (help) {
    process.stdout.write(HELP)
    return 0
  }
  const { localNetwork } = paths()
  const url = rpc ?? process.env['TEAHOUSE_RPC_URL'] ?? localRpc(localNetwork)
  const record = await readRecord(file ?? join(dirname(localNetwork), 'deployment.json'))
  const client = createPublicClient({ transport: http(url, { retryCount: 1 }) })
  const reports = await checkDeployment({ hre, client, record })
  const { lines, ok } = reportLines(reports)
  process.stdout.write(json ? `${JSON.stringify({ id: record.id, ok, reports })}\n` : `${lines.join('\n')}\n`)
  return ok ? 0 : 1
}

function exitCodeOf(error: unknown): number {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  return isTeahouseError(error) && error.code === 'USAGE' ? 2 : 1
}

process.exit(await main().catch(exitCodeOf))
