const DAY_MS = 86_400_000
/** Nodes forget after 30 days, so one that stays the same is sent again long before. */
const SAME_AFTER_MS = 7 * DAY_MS
const PATIENCE_MS = 600_000

/** What is known of the newest backup of this device. */
export interface Kept {
  /** Tells the backups of this device from those of others of its account; 8 bytes in hex. */
  readonly device: string
  /** Hash of what it holds, and when it was made, in milliseconds since 1970; neither before the first. */
  readonly digest?: string
  readonly madeAt?: number
  /** From when on a changed one is made. Drawn beforehand, so that it says nothing of when something has changed. */
  readonly nextAt?: number
  /** Until when somebody, maybe another tab, is taken to be making one. */
  readonly tryingUntil?: number
}

/** Whether something that has this hash is to be backed up now: a change after a day at the earliest, what stays the same after a week. */
export function isDue(
  { digest, madeAt = 0, nextAt = 0, tryingUntil = 0 }: Kept,
  wanted: string,
  now: number,
): boolean {
  if (tryingUntil > now) return false
  return wanted === digest ? now >= madeAt + SAME_AFTER_MS : now >= nextAt
}

export const trying = (kept: Kept, now: number): Kept => ({ ...kept, tryingUntil: now + PATIENCE_MS })

export const made = ({ device }: Kept, digest: string, now: number, drawn = Math.random()): Kept => ({
  ...{ device, digest, madeAt: now },
  nextAt: now + DAY_MS * (1 + drawn / 2),
})

/** `kept` after it could not be made. */
export const gaveUp = ({ tryingUntil: _, ...kept }: Kept): Kept => kept
