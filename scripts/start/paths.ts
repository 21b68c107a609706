import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Where the local network keeps what it makes. All of it can be deleted while nothing runs. */
export interface Paths {
  readonly lock: string
  readonly localNetwork: string
  /** The record of the contracts on the local chain, for `npm run deployments:check`. */
  readonly deployment: string
  readonly chain: string
  node(operator: number): string
  person(name: string): string
}

/** `.teahouse` in this checkout, or the folder that TEAHOUSE_HOME names (for a second network beside the first). */
export function paths(environment: NodeJS.ProcessEnv = process.env): Paths {
  const home = resolve(environment['TEAHOUSE_HOME'] ?? join(ROOT, '.teahouse'))
  return {
    lock: join(home, 'start.lock'),
    localNetwork: join(home, 'local.json'),
    deployment: join(home, 'deployment.json'),
    chain: join(home, 'chain'),
    node: (operator) => join(home, 'nodes', String(operator)),
    person: (name) => join(home, 'people', name),
  }
}
