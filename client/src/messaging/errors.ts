import { TeahouseError } from '@teahouse/protocol/errors'
import type { Hex } from 'viem'

/**
 * Why a message did not leave, for reasons on this side. `messageHash` is set if it waits in the outbox; `paid` is what
 * was signed for even so, in the token's smallest unit.
 */
export class SendError extends TeahouseError<
  | { readonly code: 'NOT_A_MEMBER' }
  | { readonly code: 'MESSAGE_TOO_LARGE'; readonly size: number; readonly limit: number }
  | { readonly code: 'NOT_SENT'; readonly messageHash: Hex; readonly paid: bigint }
  | { readonly code: 'EXPIRED'; readonly messageHash: Hex; readonly paid: bigint }
  | { readonly code: 'NOT_IN_OUTBOX'; readonly messageHash: Hex }
> {}

/** Light push status codes (19/WAKU2-LIGHTPUSH, version 3) by name. */
const PUSH_STATUS = {
  400: 'BAD_REQUEST',
  413: 'PAYLOAD_TOO_LARGE',
  420: 'INVALID_MESSAGE',
  421: 'UNSUPPORTED_TOPIC',
  429: 'TOO_MANY_REQUESTS',
  500: 'NODE_FAILED',
  503: 'UNAVAILABLE',
  504: 'OUT_OF_RLN_PROOF',
  505: 'NO_PEERS',
} as const
export type PushStatus = (typeof PUSH_STATUS)[keyof typeof PUSH_STATUS] | 'UNKNOWN_STATUS'

/** A node's refusal of a light push; `description` is the node's own word. */
export class PushError extends TeahouseError<{
  readonly code: PushStatus
  readonly status: number
  readonly description: string
  readonly peerId: string
}> {}

/** The refusal that a status other than 200 stands for. */
export function pushError(status: number, description: string, peerId: string): PushError {
  const code = PUSH_STATUS[status as keyof typeof PUSH_STATUS] ?? 'UNKNOWN_STATUS'
  const shown = description.slice(0, 200)
  return new PushError(`The node refused the message: ${code} (${status})${shown && `, ${shown}`}`, {
    code,
    status,
    description: shown,
    peerId,
  })
}

/** A node's refusal of a store or filter request, or an answer that doesn't hold what it claims. */
export class QueryError extends TeahouseError<
  | {
      readonly code: 'REFUSED' | 'TOO_MANY_REQUESTS'
      readonly status: number
      readonly description: string
      readonly peerId: string
    }
  | { readonly code: 'BAD_PAGE'; readonly peerId: string; readonly why: string }
  /** More messages, or bytes of payloads, than one look may bring. */
  | { readonly code: 'TOO_MUCH'; readonly peerId: string; readonly messages: number; readonly bytes: number }
> {}

/** True for a refusal that no payment lifts: the node serves one peer so much and no more. */
export function isOverLimit(error: unknown): boolean {
  if (!(error instanceof PushError || error instanceof QueryError)) return false
  return (
    error.code === 'TOO_MANY_REQUESTS' &&
    'description' in error.detail &&
    LIMIT.test(error.detail.description)
  )
}
const LIMIT = /The limit of \S+ is reached/

/** The refusal that a store or filter status other than 200 stands for. */
export function queryError(status: number, description: string, peerId: string): QueryError {
  const code = status === 429 ? 'TOO_MANY_REQUESTS' : 'REFUSED'
  const shown = description.slice(0, 200)
  return new QueryError(`The node refused the request: ${status}${shown && `, ${shown}`}`, {
    code,
    status,
    description: shown,
    peerId,
  })
}
