import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { tally } from '../tally.ts'
import { SOURCES, type SourceName } from './config.ts'

/** A node that a source told of. Nothing of it is believed: it is dialled, and then asked. */
export interface Candidate {
  readonly peerId: PeerId
  /** Each with the peer id at its end. */
  readonly addresses: readonly Multiaddr[]
}

/** A candidate, who told of it, and how it went. */
export interface Known extends Candidate {
  /** Who told first comes first. */
  readonly sources: readonly SourceName[]
  /** Dials that failed since the last one that did not. */
  readonly failures: number
  /** Milliseconds since 1970 before which it is not dialled. */
  readonly notBefore: number
}

export interface CandidateBook {
  /** Notes what a source tells. The registry and the lists tell of all at once: whom they leave out they no longer know. */
  add(source: SourceName, candidates: readonly Candidate[]): void
  get(peerId: string): Known | undefined
  /** Those that may be dialled now. */
  due(): Known[]
  /** Notes that a dial failed: it is tried again later, and later each time. */
  failed(peerId: string): void
  connected(peerId: string): void
  /** Leaves a candidate alone for a while. */
  avoid(peerId: string, ms: number): void
  /** How many each source told of; one that several told of counts for each. */
  sizes(): Readonly<Partial<Record<SourceName, number>>>
}

export interface CandidateLimits {
  readonly backoffMs: number
  readonly maxBackoffMs: number
}

/** Candidates in all, and of one source. */
const MAX_CANDIDATES = 2_000
const MAX_OF_SOURCE = { registry: 1_000, default: 200 }
/** Sources that tell of all their nodes at once. */
const WHOLE: ReadonlySet<SourceName> = new Set(['registry', 'bootstrap', 'known'])
/** Addresses of one candidate by one source, and to dial. */
const MAX_ADDRESSES = 16

interface Entry {
  readonly peerId: PeerId
  readonly told: Map<SourceName, readonly Multiaddr[]>
  failures: number
  notBefore: number
}

/** What the sources told, bounded: a source that tells of too many loses those that it told of first. */
export function candidateBook(
  { backoffMs, maxBackoffMs }: CandidateLimits,
  now: () => number = Date.now,
): CandidateBook {
  const entries = new Map<string, Entry>()

  function forget(source: SourceName, isLeftOut: (id: string) => boolean): void {
    const limit = source === 'registry' ? MAX_OF_SOURCE.registry : MAX_OF_SOURCE.default
    const own = [...entries].filter(([, { told }]) => told.has(source))
    const beyond = own.length - limit
    for (const [at, [id, { told }]] of own.entries()) {
      if (at >= beyond && !isLeftOut(id)) continue
      told.delete(source)
      if (told.size === 0) entries.delete(id)
    }
    for (const id of entries.keys()) {
      if (entries.size <= MAX_CANDIDATES) return
      entries.delete(id)
    }
  }

  const view = ({ peerId, told, failures, notBefore }: Entry): Known => ({
    peerId,
    addresses: addressesOf(told),
    sources: [...told.keys()],
    failures,
    notBefore,
  })

  return {
    add(source, candidates) {
      for (const { peerId, addresses } of candidates) {
        if (addresses.length === 0) continue
        const id = peerId.toString()
        const entry = entries.get(id) ?? { peerId, told: new Map(), failures: 0, notBefore: 0 }
        entry.told.set(source, addresses.slice(0, MAX_ADDRESSES))
        // What is told again is the newest.
        entries.delete(id)
        entries.set(id, entry)
      }
      const told = new Set(candidates.map(({ peerId }) => peerId.toString()))
      forget(source, (id) => WHOLE.has(source) && !told.has(id))
    },
    get(peerId) {
      const entry = entries.get(peerId)
      return entry && view(entry)
    },
    due: () => [...entries.values()].filter(({ notBefore }) => notBefore <= now()).map(view),
    failed(peerId) {
      const entry = entries.get(peerId)
      if (!entry) return
      const wait = Math.min(maxBackoffMs, backoffMs * 2 ** entry.failures)
      entry.failures++
      // Nodes that lost the same peer do not come back to it at one moment.
      entry.notBefore = now() + wait * (0.75 + Math.random() / 4)
    },
    connected(peerId) {
      const entry = entries.get(peerId)
      if (entry) entry.failures = entry.notBefore = 0
    },
    avoid(peerId, ms) {
      const entry = entries.get(peerId)
      if (entry) entry.notBefore = now() + ms
    },
    sizes() {
      const sizes = tally<SourceName>()
      for (const { told } of entries.values()) for (const source of told.keys()) sizes.add(source)
      return sizes.counts()
    },
  }
}

/** What Kademlia tells is signed by nobody: it counts only where nobody else knows better. */
function addressesOf(told: ReadonlyMap<SourceName, readonly Multiaddr[]>): Multiaddr[] {
  const better = SOURCES.filter((source) => told.has(source) && source !== 'kademlia')
  const sources = better.length > 0 ? better : (['kademlia'] as const)
  const byText = new Map(
    sources.flatMap((source) => (told.get(source) ?? []).map((address) => [address.toString(), address])),
  )
  return [...byText.values()].slice(0, MAX_ADDRESSES)
}
