/** Which sources' proofs may share a batch with those of others. */
export interface Trust {
  isTrusted(source: string): boolean
  /** Notes whether a proof of the source held. */
  note(source: string, held: boolean): void
}

/** Proofs in a row that must hold before a source is trusted. */
const EARNED_AFTER = 8
/** Sources that are remembered; the one silent for longest goes first, and has to earn its trust again. */
const MAX_SOURCES = 4_096

/**
 * Trust is earned by proofs that hold and lost by one that does not: a batch with a bad proof costs about three times
 * as much, so a stranger's proofs are not put into batches of those whose proofs always held.
 */
export function trust(): Trust {
  const held = new Map<string, number>()
  return {
    isTrusted: (source) => (held.get(source) ?? 0) >= EARNED_AFTER,
    note(source, holds) {
      const before = held.get(source) ?? 0
      held.delete(source)
      held.set(source, holds ? Math.min(before + 1, EARNED_AFTER) : 0)
      if (held.size > MAX_SOURCES) held.delete(held.keys().next().value!)
    },
  }
}
