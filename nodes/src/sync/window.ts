import type { Archive } from '../store/index.ts'
import type { RetentionConfig } from '../store/retention.ts'
import type { SyncConfig } from './config.ts'
import type { Window } from './reconciliation.ts'

/** Share of the retention's size or number from which on the archive counts as full. */
const FULL = 0.9
const NS_PER_MS = 1_000_000n
const NS_PER_SECOND = 1_000_000_000n
/** A message may come this much after others that are newer. */
const LATE_NS = 60n * NS_PER_SECOND

export interface WindowDeps {
  readonly archive: Pick<Archive, 'query' | 'scan' | 'totals'>
  readonly retention: Pick<RetentionConfig, 'seconds' | 'bytes' | 'messages'>
  readonly now: () => number
}

/**
 * The times to compare: the configured stretch, and further back if `syncedUntil` is older, but nothing that the retention would remove
 * again: of a full archive, only from its oldest message on.
 */
export async function windowOf(
  { rangeSeconds, offsetSeconds }: Pick<SyncConfig, 'rangeSeconds' | 'offsetSeconds'>,
  syncedUntil: bigint | undefined,
  { archive, retention, now }: WindowDeps,
): Promise<Window> {
  const present = BigInt(now()) * NS_PER_MS
  const until = present - BigInt(offsetSeconds) * NS_PER_SECOND
  let since = until - BigInt(rangeSeconds) * NS_PER_SECOND
  if (syncedUntil !== undefined && syncedUntil - LATE_NS < since) since = syncedUntil - LATE_NS
  let floor = present - BigInt(retention.seconds) * NS_PER_SECOND
  const { messages, bytes } = await archive.totals()
  const isFull =
    messages >= FULL * (retention.messages ?? Infinity) || bytes >= FULL * (retention.bytes ?? Infinity)
  if (isFull) {
    const [oldest] = await archive.scan({ limit: 1 })
    if (oldest && oldest.timestamp > floor) floor = oldest.timestamp
  }
  if (floor > since) since = floor
  if (since < 0n) since = 0n
  return { since, until: until > since ? until : since + 1n }
}

/** The time of the newest message, in unix nanoseconds; undefined in an empty archive. */
export async function newestTime(archive: Pick<Archive, 'query'>): Promise<bigint | undefined> {
  const { messages } = await archive.query({}, { forward: false, limit: 1, maxBytes: 1 })
  return messages[0]?.timestamp
}
