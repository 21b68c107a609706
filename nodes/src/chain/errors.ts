import { TeahouseError } from '@teahouse/protocol/errors'

export type ChainFailure =
  | { readonly code: 'CHAIN_UNAVAILABLE'; readonly rpcHosts: string[]; readonly waitedMs: number }
  | { readonly code: 'WRONG_CHAIN'; readonly expected: number; readonly actual: number }
  /** Too few endpoints said the same; `answers` counts the different ones. */
  | {
      readonly code: 'NO_QUORUM'
      readonly method: string
      readonly quorum: number
      readonly agreed: number
      readonly answers: number
    }
  | { readonly code: 'NO_BLOCK'; readonly number: string }
  /** An endpoint answered with what is no answer. */
  | { readonly code: 'BAD_ANSWER'; readonly rpc: string; readonly method: string }
  /** The node asks nothing of this kind, since the answer could not be checked. */
  | { readonly code: 'UNCHECKED_METHOD'; readonly method: string }
  | { readonly code: 'NO_CONTRACT'; readonly name: string; readonly address: string }
  | { readonly code: 'UNKNOWN_OPERATOR'; readonly operatorId: number }
  | {
      readonly code: 'WRONG_NODE_KEY'
      readonly operatorId: number
      readonly expected: string
      readonly actual: string
    }
  | { readonly code: 'REVERTED'; readonly functionName: string; readonly hash: string }
  | { readonly code: 'STOPPED' }

/** The chain can't be reached, is not the configured one, or refused a transaction of the node. */
export class NodeChainError extends TeahouseError<ChainFailure> {}

/** Whether it failed because no quorum of the endpoints answered the same; also looks into viem's errors. */
export function lacksQuorum(err: unknown): boolean {
  for (let inner = err; inner instanceof Error; inner = inner.cause)
    if (inner instanceof NodeChainError && inner.code === 'NO_QUORUM') return true
  return false
}

/** Hosts of RPC addresses; paths and credentials may be secrets, so they stay out of logs and errors. */
export function hostsOf(rpcUrls: readonly string[]): string[] {
  return rpcUrls.map((url) => {
    try {
      return new URL(url).host
    } catch {
      return 'invalid address'
    }
  })
}
