import { LocalNetwork } from '@teahouse/protocol/chain'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { CallError } from '../chain/errors.ts'

/**
 * What `npm start` says of the local network: in the folder that TEAHOUSE_HOME names, or the nearest `.teahouse` upwards from `from`.
 * Throws CallError NO_CHAIN if nothing runs, or what it says can't be read.
 */
export async function localNetwork(from: string = process.cwd()): Promise<LocalNetwork> {
  const home = process.env['TEAHOUSE_HOME']
  const folders = home ? [resolve(from, home)] : ancestors(from).map((folder) => join(folder, '.teahouse'))
  const file = folders.map((folder) => join(folder, 'local.json')).find((path) => existsSync(path))
  try {
    if (file) return LocalNetwork.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (cause) {
    throw noNetwork(`${file} doesn't describe a network`, cause)
  }
  throw noNetwork(`No local network runs (there is no local.json in ${folders[0]}): npm start`)
}

const noNetwork = (text: string, cause?: unknown): CallError =>
  new CallError(text, { code: 'NO_CHAIN', rpcUrl: '' }, { cause })

function ancestors(folder: string): string[] {
  const current = resolve(folder)
  const parent = dirname(current)
  return parent === current ? [current] : [current, ...ancestors(parent)]
}
