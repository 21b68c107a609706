import type { Logger } from 'pino'

/** How far the reading of challenges is behind the chain, in seconds of the chain. */
export interface Reading {
  /** All was read up to the block of that time. */
  done(timestamp: number): void
  /** Says once, as an error, that challenges may be answered too late. */
  check(headTimestamp: number): void
  behind(headTimestamp: number): number
}

/** Begins with nothing behind. A quarter of the court's window is too much: what is left has to do for the draw and the answer. */
export function challengeReading(startedAt: number, window: number, log: Logger): Reading {
  let readAt = startedAt
  let isLate = false
  const behind = (timestamp: number) => Math.max(0, timestamp - readAt)
  return {
    done: (timestamp) => void (readAt = Math.max(readAt, timestamp)),
    check(timestamp) {
      const seconds = behind(timestamp)
      const wasLate = isLate
      isLate = seconds > window / 4
      if (isLate && !wasLate) log.error({ seconds }, 'Challenges are not read: they may be answered too late')
      if (wasLate && !isLate) log.info('Reads challenges in time again')
    },
    behind,
  }
}
