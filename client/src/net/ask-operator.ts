import type { Directory, NodeRecord } from './directory.ts'
import { NetError } from './errors.ts'
import type { Peer } from './peer.ts'

export interface AskOperatorDeps {
  readonly directory: Pick<Directory, 'nodes' | 'recent'>
  readonly peer: Pick<Peer, 'request'>
  readonly protocol: string
  /** Of an answer. */
  readonly maxBytes: number
}

/** Longer than anybody waits: the signal decides. */
const LONGEST_MS = 60_000

/** Sends the bytes of one request to an operator's node and gives those of its answer. Throws NetError, CallError. */
export function askOperator({ directory, peer, protocol, maxBytes }: AskOperatorDeps) {
  return async (operator: number, request: Uint8Array, signal: AbortSignal): Promise<Uint8Array> => {
    const isIts = ({ operatorId }: NodeRecord) => operatorId === operator
    const node = (await directory.recent()).find(isIts) ?? (await directory.nodes()).find(isIts)
    if (node) return await peer.request(node, protocol, request, { maxBytes, signal, timeoutMs: LONGEST_MS })
    const message = `Operator ${operator} has no node on this network any more`
    throw new NetError(message, { code: 'UNKNOWN_NODE', node: String(operator) })
  }
}
