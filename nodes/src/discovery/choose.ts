import { networkOf } from './addresses.ts'
import type { Known } from './candidates.ts'
import type { DiscoveryConfig, SourceName } from './config.ts'

/** A peer that the node is connected with, whoever dialled. */
export interface ConnectedPeer {
  readonly sources: readonly SourceName[]
  readonly network: string | undefined
}

export type ChoiceLimits = Pick<
  DiscoveryConfig,
  'maxPeers' | 'targetPeers' | 'minPeers' | 'maxPeersPerNetwork'
>

/**
 * Which candidates to dial. Registered nodes up to `maxPeers`; the bootstrap list below `minPeers`; others up to
 * `targetPeers`, by turns between their sources and at random within one, no more than half by one source and
 * `maxPeersPerNetwork` in one network: neither who tells of many nor who owns one network decides whom a node knows.
 */
export function choose(
  candidates: readonly Known[],
  connected: readonly ConnectedPeer[],
  limits: ChoiceLimits,
): Known[] {
  const chosen: Known[] = []
  const room = (limit: number) => limit - connected.length - chosen.length
  const take = (from: readonly Known[], limit: number) => chosen.push(...from.slice(0, Math.max(0, limit)))

  const isRegistered = ({ sources }: Known) => sources.includes('registry')
  const isBootstrap = ({ sources }: Known) => sources.includes('bootstrap')
  take(shuffled(candidates.filter(isRegistered)), room(limits.maxPeers))
  const bootstrap = candidates.filter((known) => !isRegistered(known) && isBootstrap(known))
  if (connected.length < limits.minPeers) take(shuffled(bootstrap), room(limits.maxPeers))

  const strangers = candidates.filter((known) => !isRegistered(known) && !isBootstrap(known))
  const tally = counts(connected)
  for (const known of byTurns(strangers)) {
    if (room(Math.min(limits.targetPeers, limits.maxPeers)) <= 0) break
    const source = known.sources[0]!
    const network = known.addresses[0] && networkOf(known.addresses[0])
    const isShareFull = tally.of(source) >= Math.ceil(limits.targetPeers / 2)
    const isNetworkFull = network !== undefined && tally.of(network) >= limits.maxPeersPerNetwork
    if (isShareFull || isNetworkFull) continue
    tally.count([source, network])
    chosen.push(known)
  }
  return chosen
}

function counts(connected: readonly ConnectedPeer[]) {
  const numbers = new Map<string, number>()
  const count = (keys: readonly (string | undefined)[]) => {
    for (const key of keys) if (key !== undefined) numbers.set(key, (numbers.get(key) ?? 0) + 1)
  }
  for (const { sources, network } of connected) count([sources[0], network])
  return { count, of: (key: string) => numbers.get(key) ?? 0 }
}

/** One of each source after the other. */
function byTurns(candidates: readonly Known[]): Known[] {
  const queues = [...Map.groupBy(shuffled(candidates), ({ sources }) => sources[0]).values()]
  const longest = Math.max(0, ...queues.map(({ length }) => length))
  return Array.from({ length: longest }, (_, at) => queues.flatMap((queue) => queue[at] ?? [])).flat()
}

/** The items in random order. */
export function shuffled<T>(items: readonly T[]): T[] {
  const mixed = [...items]
  for (let at = mixed.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1))
    ;[mixed[at], mixed[other]] = [mixed[other]!, mixed[at]!]
  }
  return mixed
}
