import type { Account, Client, ScryptCost } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import type { LocalNetwork } from '@teahouse/protocol/chain'
import { loadAccount, storeOf } from './accounts.ts'
import { existingPassphrase } from './passphrase.ts'
import { homeOf, readNetwork, type HomeOptions } from './home.ts'
import { accountName as checked } from './parse.ts'
import { createOutput, type Output, type Streams } from './output.ts'
import { catalogueOf, languageOf } from './texts/language.ts'

/** The world a command runs in; a test gives its own. */
export interface World extends Streams {
  readonly stdin: AsyncIterable<Uint8Array | string>
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** Asks without showing what is typed; only on a terminal. */
  readonly askSecret?: (question: string) => Promise<string>
  /** Asks for one line, only on a terminal. */
  readonly ask?: (question: string) => Promise<string>
  /** What guessing a passphrase of a new file shall cost; the client's default for people, less for tests. */
  readonly scryptCost?: ScryptCost
}

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: boolean
  readonly network?: string
  readonly account?: string
  readonly lang?: string
  /** False with --no-rpc. Commands that name an endpoint have it as text. */
  readonly rpc?: boolean | string
}

/** One run of one command. */
export interface Session {
  readonly world: World
  readonly output: Output
  readonly home: string
  readonly accountName: string
  network(): Promise<LocalNetwork>
  /** Opened once a run; asks for the passphrase if the file has one. */
  account(): Promise<Account>
  /**
   * Runs `task` with a client of the account, and closes the client whatever happens. With `relay`, nodes send what the account signs, though there is an
   * RPC endpoint.
   */
  withClient<T>(task: (client: Client) => Promise<T>, options?: { readonly relay?: boolean }): Promise<T>
}

/** The account that the environment names. Throws CliError USAGE: the name becomes part of a path. */
function accountOf({ TEAHOUSE_ACCOUNT: name }: NodeJS.ProcessEnv): string | undefined {
  return name ? checked(name) : undefined
}

export function openSession(world: World, options: CommonOptions): Session {
  const where: HomeOptions = { network: options.network, cwd: world.cwd, env: world.env }
  const home = homeOf(where)
  const accountName = options.account ?? accountOf(world.env) ?? 'default'
  const network = async (): Promise<LocalNetwork> => {
    const { rpcUrl, ...described } = await readNetwork(where)
    return options.rpc === false || rpcUrl === undefined ? described : { ...described, rpcUrl }
  }
  let loaded: Promise<Account> | undefined
  const account = () =>
    (loaded ??= loadAccount(home, accountName, () => existingPassphrase(world, accountName)))
  return {
    world,
    output: createOutput(world, options.json ?? false, catalogueOf(languageOf(world.env))),
    home,
    accountName,
    network,
    account,
    async withClient(task, { relay = false } = {}) {
      const client = await nodeClient({
        network: await network(),
        account: await account(),
        dir: storeOf(home, accountName),
        ...(relay && { nodes: { always: true } }),
      })
      try {
        return await task(client)
      } finally {
        await client.stop()
      }
    },
  }
}
