import { histogram, type Histogram, type HistogramCounts } from '../histogram.ts'
import { tally, type Tally } from '../tally.ts'

/** How the requests of one protocol went since the start. */
export interface ProtocolUse {
  /** Seconds from the whole request to the answer, refusals included; its count is that of the requests. */
  readonly seconds: HistogramCounts
  /** Refusals, by the protocol's own status. */
  readonly refused: Readonly<Partial<Record<string, number>>>
  /** Streams that ended without an answer. */
  readonly dropped: number
}

/** Counts what peers ask, by protocol. */
export interface Requests {
  answered(protocol: string, seconds: number): void
  refused(protocol: string, status: number): void
  dropped(protocol: string): void
  read(): ReadonlyMap<string, ProtocolUse>
}

interface Counts {
  readonly seconds: Histogram
  readonly refused: Tally
  dropped: number
}

/** A service of the host, so that everything that is served is counted in one place. */
export function requests(): Requests {
  const byProtocol = new Map<string, Counts>()

  function of(protocol: string): Counts {
    const known = byProtocol.get(protocol)
    if (known) return known
    const counts = { seconds: histogram(), refused: tally(), dropped: 0 }
    byProtocol.set(protocol, counts)
    return counts
  }

  return {
    answered: (protocol, seconds) => of(protocol).seconds.observe(seconds),
    refused: (protocol, status) => of(protocol).refused.add(String(status)),
    dropped: (protocol) => void (of(protocol).dropped += 1),
    read: () =>
      new Map(
        [...byProtocol].map(([protocol, { seconds, refused, dropped }]) => [
          protocol,
          { seconds: seconds.read(), refused: refused.counts(), dropped },
        ]),
      ),
  }
}
