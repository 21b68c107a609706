import { LeaseError } from './errors.ts'

/** How far off a clock may be, and is still corrected, in milliseconds. */
export const MAX_OFF_MS = 60_000
/** Below this, a clock is right: an answer takes as long. */
const CLOSE_MS = 1_000

export interface Clock {
  /** Milliseconds since 1970, as most nodes see it. */
  now(): number
  /** Takes what nodes' clocks showed, each minus this device's. Throws LeaseError CLOCK_WRONG. */
  compare(offsets: readonly number[]): void
}

/** This device's clock, corrected by what three nodes say. */
export function createClock(deviceNow: () => number): Clock {
  let offset = 0
  return {
    now: () => deviceNow() + offset,
    compare(offsets) {
      if (offsets.length === 0) return
      const off = agreedOffset(offsets)
      if (Math.abs(off) > MAX_OFF_MS) {
        const seconds = Math.round(Math.abs(off) / 1_000)
        const message = `This device's clock is ${seconds} s ${off > 0 ? 'behind' : 'ahead of'} the network's. Set it right, then send again`
        throw new LeaseError(message, { code: 'CLOCK_WRONG', offByMs: Math.round(off) })
      }
      offset = Math.abs(off) < CLOSE_MS ? 0 : off
    },
  }
}

/**
 * The median of three; no single node moves it beyond what another one, or this device, shows. Where fewer answer, the
 * device's own clock has a voice; a node alone can only say that it disagrees by more than is corrected.
 */
function agreedOffset(offsets: readonly number[]): number {
  const [only] = offsets
  if (offsets.length === 1 && only !== undefined) return Math.abs(only) > MAX_OFF_MS ? only : 0
  const voices = offsets.length % 2 === 0 ? [...offsets, 0] : [...offsets]
  return voices.sort((a, b) => a - b)[(voices.length - 1) / 2]!
}
