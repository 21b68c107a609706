import type { Ack } from './content.ts'

/** Sequences of one device that have been stored, as ascending ranges that don't touch. */
export interface Stored {
  /** The first that was ever sent to us: nothing before it is missing. */
  readonly first: number
  readonly ranges: readonly (readonly [from: number, to: number])[]
}

/** Holes that are kept track of; what would make more is not stored, so it is not acknowledged and comes again. */
const MAX_RANGES = 1_000
/** Sequences beyond the first hole that one acknowledgement names; the others come again in a later one. */
const MAX_BEYOND = 500

/** Whether a sequence was stored before. */
export function isStored(stored: Stored | undefined, sequence: number): boolean {
  return stored?.ranges.some(([from, to]) => sequence >= from && sequence <= to) ?? false
}

/** Adds a sequence; undefined if there are too many holes to keep track of. `first` counts when nothing was stored yet. */
export function store(stored: Stored | undefined, sequence: number, first: number): Stored | undefined {
  const { ranges, ...known } = stored ?? { first, ranges: [] }
  const next: [number, number][] = []
  let [from, to] = [sequence, sequence]
  for (const range of ranges) {
    if (range[1] < from - 1 || range[0] > to + 1) next.push([...range])
    else [from, to] = [Math.min(from, range[0]), Math.max(to, range[1])]
  }
  next.push([from, to])
  if (next.length > MAX_RANGES) return undefined
  return { first: known.first, ranges: next.sort(([a], [b]) => a - b) }
}

/** A stretch of sequences that were sent to us and are not here; the sequence after it is. */
export interface Gap {
  readonly count: number
  /** The first stored sequence after it. */
  readonly before: number
}

export function gapsOf({ first, ranges }: Stored): Gap[] {
  const gaps: Gap[] = []
  let next = first
  for (const [from, to] of ranges) {
    if (from > next) gaps.push({ count: from - next, before: from })
    next = Math.max(next, to + 1)
  }
  return gaps
}

/** What to tell a device of what was stored of it. */
export function ackOf(device: string, stored: Stored): Ack {
  const [first, ...rest] = stored.ranges
  const isWhole = first !== undefined && first[0] <= stored.first
  const through = isWhole ? first[1] : stored.first - 1
  const beyond: number[] = []
  for (const [from, to] of isWhole ? rest : stored.ranges) {
    for (let n = from; n <= to && beyond.length < MAX_BEYOND; n++) beyond.push(n)
  }
  return { device, through, beyond }
}

/** Whether an acknowledgement covers a sequence. */
export const covers = ({ through, beyond }: Ack, sequence: number): boolean =>
  sequence <= through || beyond.includes(sequence)
