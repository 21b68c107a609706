import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { LocalNetwork } from '@teahouse/protocol/chain'

/** Tells the other programs of this checkout where the running network is. Replaced as a whole, never half-written. */
export function publishLocalNetwork(path: string, network: LocalNetwork): void {
  mkdirSync(dirname(path), { recursive: true })
  const draft = `${path}.new`
  writeFileSync(draft, `${JSON.stringify(network, null, 2)}\n`)
  renameSync(draft, path)
}

/** The network is gone: the file goes too, or stays with an empty list of nodes as the record of a run. */
export function retireLocalNetwork(path: string, keepRecord: boolean): void {
  const network = keepRecord ? readLocalNetwork(path) : undefined
  if (network) publishLocalNetwork(path, { ...network, nodes: [] })
  else rmSync(path, { force: true })
}

function readLocalNetwork(path: string): LocalNetwork | undefined {
  try {
    return LocalNetwork.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined // the run ended before there was a network
  }
}
