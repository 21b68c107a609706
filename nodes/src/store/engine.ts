import type { Criteria, Page, PageRequest, StoredMessage } from './criteria.ts'
import type { MessageKey } from './keys.ts'

/** A message as an engine keeps it. */
export interface MessageRow extends StoredMessage {
  readonly contentTopic: string
}

/** A stretch of the archive in ascending order. Times are unix nanoseconds. */
export interface Range {
  /** Inclusive. */
  readonly since?: bigint | undefined
  /** Exclusive. */
  readonly until?: bigint | undefined
  /** Go on after this key, which need not be there (any more). */
  readonly after?: MessageKey | undefined
  /** Only messages of this pubsub topic. */
  readonly pubsubTopic?: string | undefined
  /** Messages at most, at least 1. */
  readonly limit: number
}

/** What is kept. `bytes` is the sum of the encoded messages, without indexes. */
export interface Totals {
  readonly messages: number
  readonly bytes: number
}

/** What may stay: messages from `before` on (unix nanoseconds), and the newest that are no more than `bytes` and `messages`. */
export interface PruneLimits {
  readonly before: bigint
  readonly bytes?: number | undefined
  readonly messages?: number | undefined
}

/** What a step of pruning did; `more` if another one has something to do. */
export interface Pruned {
  readonly removed: number
  readonly more: boolean
}

/**
 * A database that keeps messages. It throws what its driver throws; the archive over it makes ArchiveErrors of that. Reading
 * sees what was committed, and is not held up by writing.
 */
export interface ArchiveEngine {
  /**
   * Inserts all rows in one transaction, on disk when this resolves; for each whether it is new. A row whose hash is there
   * already, or comes twice, is left out.
   */
  insert(rows: readonly MessageRow[]): Promise<readonly boolean[]>
  has(hash: Uint8Array): Promise<boolean>
  get(hash: Uint8Array): Promise<StoredMessage | undefined>
  /** One page; undefined if its cursor is not there. */
  page(criteria: Criteria, request: PageRequest): Promise<Page | undefined>
  /** Keys of a stretch, read from an index alone. */
  keys(range: Range): Promise<readonly MessageKey[]>
  /** Messages of a stretch: at most `maxBytes` of them, but at least one if there is one. */
  scan(range: Range, maxBytes: number): Promise<readonly StoredMessage[]>
  /** Removes messages and overwrites what they took on the disk, as far as the database can; how many there were. */
  remove(hashes: readonly Uint8Array[]): Promise<number>
  totals(): Promise<Totals>
  /** One small step of making room: removes about `limit` messages at most, oldest first, or gives room back to the disk. */
  prune(limits: PruneLimits, limit: number): Promise<Pruned>
  close(): Promise<void>
}
