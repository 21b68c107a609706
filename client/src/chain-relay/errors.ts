import { TeahouseError } from '@teahouse/protocol/errors'
import type { Hash } from 'viem'
import type { NodeFailure } from '../membership/errors.ts'
import type { Contradiction } from './evidence.ts'

/** What can go wrong when nodes are asked about the chain, or asked to send something there. */
export class ChainNodesError extends TeahouseError<
  /** Too few operators answered; each with its reason. */
  | { readonly code: 'TOO_FEW_ANSWERS'; readonly needed: number; readonly failures: readonly NodeFailure[] }
  /** Operators signed different answers to one question about one block. Both are kept as evidence. */
  | { readonly code: 'ANSWERS_DISAGREE'; readonly evidence: Contradiction }
  /** Nodes are not asked this. */
  | { readonly code: 'UNSUPPORTED'; readonly method: string }
  /** The contracts have nothing that this account could sign and others send. */
  | { readonly code: 'NOT_RELAYED'; readonly action: string }
  /** No node sent it; each with its reason. */
  | { readonly code: 'NOBODY_SENDS'; readonly action: string; readonly failures: readonly NodeFailure[] }
  /** A node took it on, and nothing was seen of it in time. It may still come. */
  | { readonly code: 'NOT_SEEN'; readonly action: string; readonly hash: Hash | undefined }
> {}

/** The error of this kind that `error` comes from, however viem has wrapped it. */
export function nodesError(error: unknown): ChainNodesError | undefined {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 12; inner = inner.cause, depth++)
    if (inner instanceof ChainNodesError) return inner
  return undefined
}

/** What only a transaction of the account itself does. */
export function notRelayed(action: string): ChainNodesError {
  const text = `No node can be asked to ${action}: it takes a transaction of this account itself`
  return new ChainNodesError(text, { code: 'NOT_RELAYED', action })
}
