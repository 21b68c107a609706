import { LocalNetwork } from '@teahouse/protocol/chain'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { CliError } from './errors.ts'

export interface HomeOptions {
  /** --network FILE */
  readonly network?: string | undefined
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

/** The file that describes the network: --network, TEAHOUSE_HOME, or the nearest .teahouse/local.json upwards. */
export function networkFile({ network, cwd, env }: HomeOptions): string {
  if (network !== undefined) return resolve(cwd, network)
  if (env['TEAHOUSE_HOME']) return join(resolve(cwd, env['TEAHOUSE_HOME']), 'local.json')
  const folders = [...ancestors(cwd)].map((folder) => join(folder, '.teahouse'))
  const found = folders.find((folder) => existsSync(join(folder, 'local.json'))) ?? folders.find(existsSync)
  return join(found ?? folders[0]!, 'local.json')
}

/** Reads it. Throws CliError NO_NETWORK or BAD_NETWORK_FILE. */
export async function readNetwork(options: HomeOptions): Promise<LocalNetwork> {
  const path = networkFile(options)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new CliError(`No network is running (there is no ${path})`, { code: 'NO_NETWORK', path }, { cause })
  }
  try {
    return LocalNetwork.parse(JSON.parse(text))
  } catch (cause) {
    throw new CliError(`${path} doesn't describe a network`, { code: 'BAD_NETWORK_FILE', path }, { cause })
  }
}

/** Where this network's accounts and their stores are kept. */
export const homeOf = (options: HomeOptions): string => dirname(networkFile(options))

function* ancestors(folder: string): Generator<string> {
  for (let current = resolve(folder); ; current = dirname(current)) {
    yield current
    if (dirname(current) === current) return
  }
}
