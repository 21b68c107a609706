import { compareKeys, type MessageKey } from '../store/keys.ts'
import type { OwnKeys, Summary } from './own-keys.ts'
import type { KeyRange, SyncRange } from './payload.ts'

/** Parts into which a range is cut that differs. */
const PARTS = 16
/** Messages up to which a range that differs is told item by item. */
const MAX_ITEMS = 32
/** Bytes of a range in a payload, about: beside its items, and of an item. */
const RANGE_BYTES = 44
const ITEM_BYTES = 41

/** The answer to a peer's ranges. */
export interface Answer {
  /** Empty when nothing is left to compare. */
  readonly ranges: readonly SyncRange[]
  /** Messages that the peer lacks. */
  readonly toSend: readonly MessageKey[]
  /** Messages that this node lacks, where the peer named them. */
  readonly wanted: readonly MessageKey[]
  /** Ranges in which the answer names everything that this node has: what the peer has beside it, it may send. */
  readonly told: readonly KeyRange[]
}

export interface AnswerLimits {
  /** Bytes of an answer; ranges beyond are left for a later session. */
  readonly maxBytes: number
  /** Messages in `toSend` at most. */
  readonly maxSend: number
}

/** The opening of a session: the fingerprint of all that this node has in a range. */
export async function opening(own: OwnKeys, range: KeyRange): Promise<SyncRange> {
  const { fingerprint } = await own.summary(range, 0)
  return { ...range, type: 'fingerprint', fingerprint }
}

/** Compares a peer's ranges with the own archive: range-based set reconciliation, as in docs/wire/sync.md. */
export async function answer(
  own: OwnKeys,
  ranges: readonly SyncRange[],
  { maxBytes, maxSend }: AnswerLimits,
): Promise<Answer> {
  const out: SyncRange[] = []
  const toSend: MessageKey[] = []
  const wanted: MessageKey[] = []
  const told: KeyRange[] = []
  let bytes = 0

  function say(range: SyncRange): void {
    const { type, from, to } = range
    const size = RANGE_BYTES + (type === 'items' ? range.items.length * ITEM_BYTES : 0)
    const fits = type === 'skip' || bytes + size <= maxBytes
    if (fits) bytes += size
    if (fits && type === 'items') extend(told, { from, to })
    const last = out.at(-1)
    if (fits && type !== 'skip') out.push(range)
    else if (last?.type === 'skip') out[out.length - 1] = { from: last.from, to, type: 'skip' }
    else out.push({ from, to, type: 'skip' })
  }

  function sayOwn({ from, to }: KeyRange, { count, fingerprint, items }: Summary): void {
    if (items) say({ from, to, type: 'items', items, reconciled: count === 0 })
    else say({ from, to, type: 'fingerprint', fingerprint })
  }

  async function compareFingerprint(range: KeyRange, theirs: Uint8Array): Promise<void> {
    const summary = await own.summary(range, MAX_ITEMS)
    if (Buffer.compare(summary.fingerprint, theirs) === 0) return say({ ...range, type: 'skip' })
    if (summary.items) return sayOwn(range, summary)
    const parts = await own.split(range, summary.count, PARTS)
    if (parts.length > 1) return parts.forEach((part) => sayOwn(part, part))
    // All of one moment: there is nothing to cut.
    const all = await own.summary(range, Math.floor(maxBytes / ITEM_BYTES))
    say(
      all.items
        ? { ...range, type: 'items', items: all.items, reconciled: false }
        : { ...range, type: 'skip' },
    )
  }

  async function compareItems(
    range: KeyRange,
    { items: theirs, reconciled }: { items: readonly MessageKey[]; reconciled: boolean },
  ): Promise<void> {
    const ours: MessageKey[] = []
    const ourLimit = Math.floor(maxBytes / ITEM_BYTES) + 1
    let at = 0
    let differences = 0
    for await (const key of own.keys(range)) {
      for (; at < theirs.length && compareKeys(theirs[at]!, key) < 0; at++) {
        wanted.push(theirs[at]!)
        differences++
      }
      const same = at < theirs.length && compareKeys(theirs[at]!, key) === 0
      if (same) at++
      else if (++differences && toSend.length < maxSend) toSend.push(key)
      if (!reconciled && ours.length < ourLimit) ours.push(key)
    }
    for (; at < theirs.length; at++) {
      wanted.push(theirs[at]!)
      differences++
    }
    if (reconciled || differences === 0) say({ ...range, type: 'skip' })
    else say({ ...range, type: 'items', items: ours, reconciled: true })
  }

  for (const range of ranges) {
    const { from, to } = range
    if (range.type === 'skip') say({ from, to, type: 'skip' })
    else if (range.type === 'fingerprint') await compareFingerprint({ from, to }, range.fingerprint)
    else await compareItems({ from, to }, range)
  }
  const done = out.every(({ type }) => type === 'skip')
  return { ranges: done ? [] : out, toSend, wanted, told }
}

/** Adds a range, joining it to the last one where they touch. */
function extend(ranges: KeyRange[], { from, to }: KeyRange): void {
  const last = ranges.at(-1)
  if (last && compareKeys(last.to, from) === 0) ranges[ranges.length - 1] = { from: last.from, to }
  else ranges.push({ from, to })
}
