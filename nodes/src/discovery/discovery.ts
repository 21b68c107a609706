import { setTimeout as sleep } from 'node:timers/promises'
import { tally, type Tally } from '../tally.ts'
import { isPublic } from './addresses.ts'
import { candidateBook, type Candidate, type CandidateBook } from './candidates.ts'
import type { DiscoveryConfig, SourceName } from './config.ts'
import { dialler, type Dialler, type DiallerDeps } from './dialler.ts'
import type { KnownPeers } from './known-peers.ts'
import type { Source } from './source.ts'

export interface DiscoveryDeps extends Omit<DiallerDeps, 'book' | 'known'> {
  readonly sources: readonly Source[]
  readonly known: KnownPeers
  /** Whether to dial private addresses that strangers tell. */
  readonly privateAddresses: boolean
  readonly now: () => number
}

/** Candidates by who told of them, dials since the start, and looks of a source that failed. */
export interface DiscoveryUse {
  readonly candidates: ReturnType<CandidateBook['sizes']>
  readonly dials: ReturnType<Dialler['counts']>
  readonly failures: ReturnType<Tally<SourceName>['counts']>
}

/** Finds other nodes in several ways, each of which works when the others are gone, and stays connected with them. */
export interface Discovery {
  /** Who told of a peer. */
  sourcesOf(peerId: string): readonly SourceName[]
  use(): DiscoveryUse
  start(): void
  stop(): Promise<void>
}

/** Sources that anybody on the network can feed. */
const STRANGERS: ReadonlySet<SourceName> = new Set(['exchange', 'rendezvous', 'kademlia'])

export function createDiscovery(config: DiscoveryConfig, deps: DiscoveryDeps): Discovery {
  const { known, log } = deps
  const abort = new AbortController()
  const book = candidateBook(config, deps.now)
  const { dial, counts: dials } = dialler(config, { ...deps, book })
  const failures = tally<SourceName>()
  let running: Promise<unknown> | undefined

  function vetted(source: SourceName, candidates: readonly Candidate[]): readonly Candidate[] {
    if (deps.privateAddresses || !STRANGERS.has(source)) return candidates
    return candidates.map(({ peerId, addresses }) => ({ peerId, addresses: addresses.filter(isPublic) }))
  }

  /** Does something again and again until the stop; the first failure of a row is worth a warning. */
  async function repeat(act: () => Promise<void>, everyMs: number, what: string): Promise<void> {
    const { signal } = abort
    let isFailing = false
    while (!signal.aborted) {
      try {
        await act()
        isFailing = false
      } catch (err) {
        if (!signal.aborted) log[isFailing ? 'debug' : 'warn']({ err }, what)
        isFailing = true
      }
      await sleep(everyMs, undefined, { signal }).catch(() => {})
    }
  }

  const find = (source: Source) =>
    source.find(abort.signal).catch((err: unknown) => {
      if (!abort.signal.aborted) failures.add(source.name)
      throw err
    })

  const look = (source: Source) =>
    repeat(
      async () => book.add(source.name, vetted(source.name, await find(source))),
      source.everyMs,
      `Could not look for nodes by ${source.name}; trying again`,
    )

  const connect = async () => {
    await dial(abort.signal)
    await known.save()
  }

  async function run(): Promise<void> {
    await Promise.all([
      ...deps.sources.map(look),
      repeat(connect, config.intervalMs, 'Could not keep up the connections; trying again'),
    ])
    await known.save()
  }

  return {
    sourcesOf: (peerId) => book.get(peerId)?.sources ?? [],
    use: () => ({ candidates: book.sizes(), dials: dials(), failures: failures.counts() }),
    start: () => void (running ??= run()),
    async stop() {
      abort.abort()
      await running
    },
  }
}
