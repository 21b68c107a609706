/** The place of a message in the store's order: by timestamp, then by hash. */
export interface MessageKey {
  /** Unix nanoseconds. */
  readonly timestamp: bigint
  readonly hash: Uint8Array
}

/** Negative if `a` comes before `b`. */
export function compareKeys(a: MessageKey, b: MessageKey): number {
  if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp ? -1 : 1
  return Buffer.compare(a.hash, b.hash)
}
