/** What links between nodes are like: each takes its delay once, evenly from the range, and keeps it. */
export interface Weather {
  /** Milliseconds one way, least and most. */
  readonly delayMs: readonly [number, number]
  /** Share of TCP segments that are lost. */
  readonly loss: number
}

/** Payload bytes of a TCP segment on Ethernet, with timestamps. */
export const SEGMENT_BYTES = 1_448
/**
 * What TCP needs until a lost last segment is there, in one-way delays: the tail loss probe goes after two round trips, RFC 8985 section 7.2. What
 * comes later on the same link waits for it.
 */
export const RECOVERY_DELAYS = 4
