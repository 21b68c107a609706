import { NetError } from './errors.ts'
import type { NodeRecord } from './directory.ts'

/**
 * Tries the nodes in turn until one succeeds. Moves on when a node can't be reached or doesn't answer sensibly,
 * or when `mayRetry` says that another node may do better; throws the last error otherwise.
 */
export async function failover<T>(
  nodes: readonly NodeRecord[],
  attempt: (node: NodeRecord) => Promise<T>,
  mayRetry: (error: unknown) => boolean = () => false,
): Promise<T> {
  let last: unknown = new NetError('There is no node to ask', { code: 'NO_NODES', service: 'any' })
  for (const node of nodes) {
    try {
      return await attempt(node)
    } catch (error) {
      last = error
      if (!(error instanceof NetError) && !mayRetry(error)) throw error
    }
  }
  throw last
}
