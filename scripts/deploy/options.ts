import { getAddress, isAddress } from 'viem'
import { parseArgs } from 'node:util'
import type { Given } from '../../ignition/modules/given.ts'
import { DeployError } from './errors.ts'

export interface DeployTaskOptions {
  /** Of hardhat.config.ts, or any name that the keystore has a URL and a key for. */
  readonly network: string
  /** A file of Ignition parameters; the local ones are only taken on the local chain. */
  readonly parameters: string | undefined
  readonly given: Given
  /** Tells several deployments on one chain apart while they are made. */
  readonly name: string | undefined
  readonly dryRun: boolean
  readonly yes: boolean
}

export const HELP = `npm run deploy -- --network NAME [OPTIONS]

Deploys all contracts on a network, checks what stands there then, and writes deployments/<chain id>/<id>.json.
After an interruption run it again with the same options: it goes on where it stopped.

  --network NAME        any name; its endpoint and key come from hardhat's encrypted keystore
  --token ADDRESS       the ERC-20 that everything is paid in; needed everywhere but on the local chain
  --parameters FILE     default: ignition/parameters/NAME.json5 if there is one, else public.json5
  --given NAME=ADDRESS  take this contract where it is instead of making it; may be repeated
  --name NAME           for a second deployment on the same chain
  --dry-run             show parameters, gas and cost, and send nothing
  --yes                 don't ask before money moves
  --help                this text

Once for each network (NAME in capitals; environment variables of the same names take precedence):
  npx hardhat keystore set SEPOLIA_RPC_URL
  npx hardhat keystore set SEPOLIA_DEPLOYER_KEY

Examples
  npm run deploy -- --network sepolia --token 0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238 --dry-run
  npm run deploy -- --network sepolia --token 0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238
  npm run deploy -- --network sepolia --token 0x… --given OperatorStaking=0x… --name second --yes

Exit codes: 0 done, 1 failed, 2 wrong command line.
`

const NAME = /^[a-z][a-z0-9-]{0,31}$/i

/** Parses the command line. Throws DeployError USAGE. */
export function readOptions(argv: readonly string[]): DeployTaskOptions | 'help' {
  const values = parse(argv)
  if (values.help) return 'help'
  const { network, parameters, token, name, yes } = values
  if (network === undefined) throw usage('Name a network: --network sepolia')
  for (const one of [network, ...(name === undefined ? [] : [name])])
    if (!NAME.test(one)) throw usage(`"${one}" is not a name: letters, digits and dashes`)
  const pairs = [...(values.given ?? []), ...(token === undefined ? [] : [`Token=${token}`])].map(pairOf)
  return { network, parameters, given: Object.fromEntries(pairs), name, dryRun: values['dry-run'], yes }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        network: { type: 'string' },
        parameters: { type: 'string' },
        token: { type: 'string' },
        given: { type: 'string', multiple: true },
        name: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function pairOf(text: string): [string, string] {
  const [, name, address] = /^([A-Za-z0-9]+)=(0x[0-9a-fA-F]{40})$/.exec(text) ?? []
  if (name === undefined || address === undefined || !isAddress(address))
    throw usage(`"${text}" is not NAME=ADDRESS with a right checksum`)
  return [name, getAddress(address)]
}

const usage = (message: string, cause?: unknown): DeployError =>
  new DeployError(`${message}\nSee: npm run deploy -- --help`, { code: 'USAGE' }, { cause })
