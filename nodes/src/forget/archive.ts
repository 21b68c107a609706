import { messageHash, type WakuMessage } from '@teahouse/protocol/wire'
import type { Archive, Range, StoredMessage } from '../store/index.ts'
import { compareKeys, type MessageKey } from '../store/keys.ts'

export interface ForgettingDeps {
  /** Nothing is forgotten: no hash has to be computed. */
  readonly isNone: () => boolean
  /** Whether a message is not to be kept. */
  readonly isForgotten: (hash: Uint8Array) => boolean
  /** Where messages stood that were had and are forgotten. */
  readonly keys: (range: Range) => readonly MessageKey[]
}

/**
 * An archive without what is forgotten: it is neither given nor taken in again, whoever brings it. `has` says that it is there, and `keys` has
 * the place of what was had: so a sync with other archives asks for none of it, and the root of an hour covers what the node took in that hour,
 * whatever became of it.
 */
export function forgettingArchive(archive: Archive, { isNone, isForgotten, keys }: ForgettingDeps): Archive {
  const isKept = ({ hash }: StoredMessage) => !isForgotten(hash)
  const isWanted = ({ pubsubTopic, message }: { pubsubTopic: string; message: WakuMessage }) =>
    isNone() || !isForgotten(messageHash(pubsubTopic, message))

  return {
    ...archive,
    async put(pubsubTopic, message) {
      return isWanted({ pubsubTopic, message }) ? await archive.put(pubsubTopic, message) : 'forgotten'
    },
    restore: (messages) => archive.restore(messages.filter(isWanted)),
    has: async (hash) => isForgotten(hash) || (await archive.has(hash)),
    get: async (hash) => (isForgotten(hash) ? undefined : await archive.get(hash)),
    async query(criteria, request) {
      const page = await archive.query(criteria, request)
      return { ...page, messages: page.messages.filter(isKept) }
    },
    async scan(range) {
      // None would say that the stretch is at its end.
      for (let after = range.after; ;) {
        const found = await archive.scan({ ...range, after })
        const last = found.at(-1)
        const kept = found.filter(isKept)
        if (kept.length > 0 || !last) return kept
        after = last
      }
    },
    async keys(range) {
      const forgotten = keys(range)
      const there = await archive.keys(range)
      return forgotten.length === 0 ? there : merged(there, forgotten).slice(0, range.limit)
    },
  }
}

/** Both in one order; what is in both comes once. */
function merged(some: readonly MessageKey[], others: readonly MessageKey[]): MessageKey[] {
  const sorted = [...some, ...others].sort(compareKeys)
  return sorted.filter((key, at) => at === 0 || compareKeys(sorted[at - 1]!, key) !== 0)
}
