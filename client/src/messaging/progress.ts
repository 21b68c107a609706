import type { Hex } from 'viem'
import { StorageError, type KeyValueStore } from '../storage/store.ts'

/** Seconds before the point up to which all was read that are read again: clocks differ, and messages travel. */
const OVERLAP_SECONDS = 120
/** Digits of a hash that are kept: two messages of one topic share 64 bits by accident never. */
const DIGITS = 16
const REMEMBERED = 5_000

/** How far the reading of one topic has come: durable, and small. */
export interface Progress {
  /** From where to ask stores, in unix seconds. */
  since(): number
  /** Up to where all has been read, in unix seconds. */
  reachedUpTo(): number
  /** Whether it was handled before; also true of what is older than anything that a node still takes: a replay. */
  has(hash: Hex, atSeconds: number): boolean
  /** It is handled, once `save` has resolved. */
  add(hash: Hex, atSeconds: number): void
  /** Everything up to here has been read from stores and handled, once `save` has resolved. */
  reached(seconds: number): void
  save(): Promise<void>
}

export interface ProgressStart {
  /** Unix seconds: nothing before it is wanted, whatever was read before. */
  readonly since?: number | undefined
  /** Unix seconds: where to begin if nothing was read before and `since` is not given. */
  readonly now: number
}

/**
 * Reads the progress of a topic from `storage`. It remembers the hashes of what was handled since the point where stores
 * are asked from, at most 5,000: of more on one topic some may come a second time after a restart.
 * @throws StorageError CORRUPT.
 */
export async function openProgress(
  storage: KeyValueStore,
  key: string,
  { since, now }: ProgressStart,
): Promise<Progress> {
  const stored = await storage.get(key)
  const begin = since ?? now
  const fresh: Saved = { from: begin, reached: begin, seen: new Map() }
  const { from, seen, ...known } = stored ? parse(key, stored.value) : fresh
  let { reached } = known
  let dirty = false

  const start = () => Math.max(since ?? from, reached - OVERLAP_SECONDS)
  const forgotten = () => start() - OVERLAP_SECONDS
  function prune(): void {
    for (const [hash, at] of seen) if (at < forgotten()) seen.delete(hash)
    while (seen.size > REMEMBERED) seen.delete(seen.keys().next().value!)
  }

  return {
    since: start,
    reachedUpTo: () => reached,
    has: (hash, at) => at < forgotten() || seen.has(short(hash)),
    add(hash, atSeconds) {
      seen.set(short(hash), atSeconds)
      dirty = true
    },
    reached(seconds) {
      if (seconds <= reached) return
      reached = seconds
      dirty = true
    },
    async save() {
      if (!dirty) return
      dirty = false
      prune()
      await storage.set(key, JSON.stringify({ from, reached, seen: [...seen] }))
    },
  }
}

const short = (hash: Hex): string => hash.slice(2, 2 + DIGITS)

interface Saved {
  readonly from: number
  readonly reached: number
  readonly seen: Map<string, number>
}

function parse(key: string, text: string): Saved {
  try {
    const { from, reached, seen } = JSON.parse(text) as Record<'from' | 'reached', number> & {
      seen: [string, number][]
    }
    if (Number.isFinite(from) && Number.isFinite(reached)) return { from, reached, seen: new Map(seen) }
  } catch {
    // told below
  }
  throw new StorageError('The progress of a topic is damaged', { code: 'CORRUPT', key })
}
