/** What forwarding the messages of others may take of the upload, so that the node's own answers have a way out too. */
export interface Forwarding {
  /** Bytes a second of the whole upload; undefined for no limit. */
  setUpload(bytesPerSecond: number | undefined): void
  /** Whether a message may be sent on to so many peers now; if not, it is counted, and others will hear of it elsewhere. */
  mayForward(message: { readonly bytes: number; readonly ephemeral: boolean }, peers: number): boolean
  /** What the node publishes itself is sent in any case, and forwarding waits for it. */
  published(bytes: number, peers: number): void
  /** Messages that were not forwarded. */
  readonly dropped: { readonly lasting: number; readonly ephemeral: number }
}

/** Share of the upload that forwarding may take, and seconds of it that may be used at once. */
const SHARE = 0.75
const BURST_SECONDS = 2
/** Share of the burst that is left to lasting messages: an ephemeral one is worth less, since nobody could fetch it later. */
const FOR_LASTING = 0.5

/** Decides before a message is queued, not after: what waits for longer than a moment is late everywhere. */
export function forwarding(now: () => number = () => performance.now()): Forwarding {
  const dropped = { lasting: 0, ephemeral: 0 }
  let rate: number | undefined
  let tokens = 0
  let filledAt = now()

  function fill(): void {
    const time = now()
    if (rate !== undefined)
      tokens = Math.min(rate * BURST_SECONDS, tokens + (rate * (time - filledAt)) / 1_000)
    filledAt = time
  }

  return {
    setUpload(bytesPerSecond) {
      rate = bytesPerSecond === undefined ? undefined : bytesPerSecond * SHARE
      tokens = (rate ?? 0) * BURST_SECONDS
      filledAt = now()
    },
    mayForward({ bytes, ephemeral }, peers) {
      if (rate === undefined) return true
      fill()
      const least = ephemeral ? rate * BURST_SECONDS * FOR_LASTING : 0
      const fits = tokens > least
      if (fits) tokens -= bytes * peers
      else dropped[ephemeral ? 'ephemeral' : 'lasting'] += 1
      return fits
    },
    published(bytes, peers) {
      fill()
      if (rate !== undefined) tokens -= bytes * peers
    },
    get dropped() {
      return { ...dropped }
    },
  }
}
