import { TeahouseError } from '@teahouse/protocol/errors'

/** Which messages to look for. Times are unix nanoseconds; `since` is inclusive, `until` exclusive. */
export interface Criteria {
  /** Messages of these content topics on one pubsub topic; all messages if absent. */
  readonly topics?: { readonly pubsubTopic: string; readonly contentTopics: readonly string[] } | undefined
  readonly since?: bigint | undefined
  readonly until?: bigint | undefined
  /** Look these up instead; the other criteria are absent then. */
  readonly hashes?: readonly Uint8Array[] | undefined
}

/** Which page of them, in the order of timestamp and hash. */
export interface PageRequest {
  readonly forward: boolean
  /** Messages at most, at least 1. */
  readonly limit: number
  /** Bytes of messages at most; a page has at least one message. */
  readonly maxBytes: number
  /** The hash of the message after which to go on (before which, backward). */
  readonly cursor?: Uint8Array | undefined
}

export interface StoredMessage {
  readonly hash: Uint8Array
  /** Unix nanoseconds. */
  readonly timestamp: bigint
  readonly pubsubTopic: string
  /** The encoded WakuMessage. */
  readonly bytes: Uint8Array
}

export interface Page {
  /** In ascending order, whatever the direction. */
  readonly messages: readonly StoredMessage[]
  /** The cursor of the next page, or undefined if this is the last. */
  readonly cursor: Uint8Array | undefined
}

/** A query that the archive cannot answer. */
export class QueryError extends TeahouseError<{ readonly code: 'CURSOR_NOT_FOUND' }> {}

export function cursorNotFound(): QueryError {
  return new QueryError('cursor not found', { code: 'CURSOR_NOT_FOUND' })
}
