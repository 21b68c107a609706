import { z } from 'zod'

/** Catching up with the archives of other nodes. */
export const SyncConfig = z.strictObject({
  /** Whether this node compares its archive with those of others, and lets them do so. */
  enabled: z.boolean().default(true),
  /** Multiaddrs, each ending in /p2p/…, of peers to sync with beside the registered operators. */
  peers: z.array(z.string().regex(/\/p2p\/[^/]+$/, 'ends in /p2p/ and a peer id')).default([]),
  /** Seconds between two syncs, each with one random peer. */
  everySeconds: z.int().positive().default(300),
  /** How far back a sync goes, in seconds; further if the last one that succeeded was longer ago, at most the retention. */
  rangeSeconds: z.int().positive().default(3_600),
  /** The newest messages are left out: they may be on their way still. */
  offsetSeconds: z.int().min(0).default(20),
  /** Different peers asked at the first sync after a start: one of them may hide what it has. */
  peersAtStart: z.int().positive().default(3),
  /** Payloads that a session may take in. */
  maxRounds: z.int().positive().default(32),
  /** Largest payload that is read, and the size at which an own one leaves the rest for a later session; in bytes. */
  maxFrameBytes: z
    .int()
    .min(65_536)
    .default(4 * 1024 * 1024),
  /** Messages that a session sends, and takes in, at most. */
  maxMessages: z.int().positive().default(10_000),
  /** Bytes that a session takes in at most, payloads and messages. */
  maxBytes: z
    .int()
    .positive()
    .default(64 * 1024 * 1024),
  /** Milliseconds that a session may take, and that a peer may be silent in it. */
  maxSessionMs: z.int().positive().default(60_000),
  silenceMs: z.int().positive().default(10_000),
  /** Sessions with peers that ask, at a time. */
  maxInboundSessions: z.int().positive().default(4),
})
export type SyncConfig = z.output<typeof SyncConfig>
