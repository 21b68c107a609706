const DAY_SECONDS = 86_400
/** Seconds that a term may have beyond whole days for nothing: two clocks differ, and so do two sides of an hour. */
const LEAVE_SECONDS = 3_600

/**
 * How many units of the service `blob-day` it costs to keep a blob for `seconds` longer. A unit is one blob, of up to 64 KiB, for one day:
 * a chunk costs 7 a week, a megabyte 16 a day. A day that is begun counts, but for its first hour; any longer time costs at least 1.
 */
export function blobDays(seconds: number): number {
  if (seconds <= 0) return 0
  return Math.max(1, Math.ceil((seconds - LEAVE_SECONDS) / DAY_SECONDS))
}
