import { TeahouseError } from '@teahouse/protocol/errors'

export type SyncErrorDetail =
  /** Bytes that are no payload; `what` says where. */
  | { readonly code: 'MALFORMED'; readonly what: string }
  /** A message that this node did not ask for. */
  | { readonly code: 'NOT_ASKED' }
  /** A message that nobody could have accepted; `verdict` is the validator's code. */
  | { readonly code: 'INVALID_MESSAGE'; readonly verdict: string }
  /** More rounds, bytes, messages or time than a session may take. */
  | { readonly code: 'TOO_MUCH'; readonly of: 'rounds' | 'bytes' | 'messages' | 'time' }
  /** A peer that is neither a registered operator nor configured, or has a session already. */
  | { readonly code: 'UNWANTED' }

/** A peer does not keep to the protocol, or to the limits; the session with it ends. */
export class SyncError extends TeahouseError<SyncErrorDetail> {}

export function malformed(what: string): SyncError {
  return new SyncError(`The payload is malformed: ${what}`, { code: 'MALFORMED', what })
}

export function tooMuch(of: 'rounds' | 'bytes' | 'messages' | 'time'): SyncError {
  return new SyncError(`The peer takes too much: ${of}`, { code: 'TOO_MUCH', of })
}
