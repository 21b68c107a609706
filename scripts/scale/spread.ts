import { randomFrom, type Random } from '../simulate/random.ts'
import { randomGraph, type Graph } from './graph.ts'
import { RECOVERY_DELAYS, type Weather } from './links.ts'
import { quantile, SHARES } from './measured.ts'

/** How gossip carries a message through a network. */
export interface Spread {
  readonly nodes: number
  /** Mesh sizes to draw from. */
  readonly meshSizes: readonly number[]
  /** Peers that the first node sends to: all that it is connected with. */
  readonly connections: number
  readonly weather: Weather
  /** TCP segments of a message. */
  readonly segments: number
  /** Messages a second: each holds up a link for a while if one of its segments is lost. */
  readonly rate: number
  /** What a hop takes beside its link's delay, to draw from evenly: checking and keeping, mostly. */
  readonly hopMs: readonly number[]
  /** Networks to draw, one message each. */
  readonly networks: number
  readonly seed: number
}

/** Width of a slot of the calendar, in ms. */
const SLOT_MS = 0.5

/** Latencies in ms at {@link SHARES}, over all nodes but the first of each network. */
export function spread(given: Spread): number[] {
  const random = randomFrom(given.seed)
  const latencies = new Float64Array(given.networks * (given.nodes - 1))
  let count = 0
  for (let network = 0; network < given.networks; network++)
    for (const at of oneMessage(given, randomGraph(given.nodes, given.meshSizes, random), random))
      if (at > 0) latencies[count++] = at
  const sorted = latencies.subarray(0, count).sort()
  return SHARES.map((share) => quantile(sorted, share))
}

/** When each node has accepted the message, in ms; 0 for the first node and for those that it never reaches. */
function oneMessage(given: Spread, graph: Graph, random: Random): Float64Array {
  const { nodes, hopMs } = given
  const [least, most] = given.weather.delayMs
  const lost = 1 - (1 - given.weather.loss) ** given.segments
  const acceptedAt = new Float64Array(nodes)
  const isSeen = new Uint8Array(nodes)
  const calendar: (number[] | undefined)[] = []
  const hop = () => hopMs[random.below(hopMs.length)]!
  const send = (from: number, to: number, at: number) => {
    const delay = least + random.next() * (most - least)
    const recovery = delay * RECOVERY_DELAYS
    const isBlocked = random.next() < (given.rate * lost * recovery) / 1_000
    const isLost = random.next() < lost
    const arrivesAt = at + delay + (isLost ? recovery : isBlocked ? random.next() * recovery : 0)
    const slot = Math.floor(arrivesAt / SLOT_MS)
    ;(calendar[slot] ??= []).push(to, from)
  }
  isSeen[0] = 1
  const sentAt = hop()
  for (const to of firstPeers(given, graph, random)) send(0, to, sentAt)
  for (let slot = 0; slot < calendar.length; slot++) {
    const due = calendar[slot]
    if (!due) continue
    for (let at = 0; at < due.length; at += 2) {
      const [node, from] = [due[at]!, due[at + 1]!]
      if (isSeen[node]) continue
      isSeen[node] = 1
      const done = slot * SLOT_MS + hop()
      acceptedAt[node] = done
      for (let next = graph.first[node]!; next < graph.first[node + 1]!; next++)
        if (graph.to[next] !== from) send(node, graph.to[next]!, done)
    }
    calendar[slot] = undefined
  }
  return acceptedAt
}

/** The first node's mesh, and at random the others that it is connected with. */
function firstPeers({ nodes, connections }: Spread, { first, to }: Graph, random: Random): Set<number> {
  const peers = new Set(to.subarray(first[0], first[1]))
  const wanted = Math.min(nodes - 1, Math.round(connections))
  while (peers.size < wanted) peers.add(1 + random.below(nodes - 1))
  return peers
}
