import { weights, type Known } from '../../../client/src/market/weight.ts'

/** Seconds since 1970 at which nodes are weighed here; only differences count. */
const NOW = 1_800_000_000
const DAY = 86_400
const PRICE = 1_000_000n
const STAKE = 100_000_000n
/** As many as make one more node change neither the median nor what is the usual price. */
const USUAL = 5

/** How a node differs from one that a client has known for months: everything that is not named is as usual. */
export interface Difference {
  /** Times the usual price, and the usual stake. */
  readonly price?: number
  readonly stake?: number
  /** Nothing is known of it. */
  readonly isNew?: boolean
  /** Promises that it broke, of requests that it got. */
  readonly broken?: number
}

function knownOf({ price = 1, stake = 1, isNew = false, broken = 0 }: Difference): Known {
  const asked = isNew ? broken : 100
  const history = {
    asked,
    served: asked - broken,
    broken,
    latencyMs: isNew ? 0 : 200,
    since: isNew ? NOW : NOW - 60 * DAY,
  }
  return {
    node: { staked: BigInt(Math.round(Number(STAKE) * stake)) },
    price: BigInt(Math.round(Number(PRICE) * price)),
    ...(isNew && broken === 0 ? {} : { history }),
  }
}

/** What the client's own selector gives such a node, relative to a usual one that the client has known for months. */
export function relativeWeight(difference: Difference): number {
  const usual = Array.from({ length: USUAL }, () => knownOf({}))
  const [weight, other] = weights([knownOf(difference), ...usual], NOW)
  return weight! / other!
}

/** Part of what is asked that goes to nodes that a client does not know, when it knows `known` of so many. */
export function unknownShare(nodes: number, known: number): number {
  const unknown = (nodes - known) * relativeWeight({ isNew: true })
  return unknown / (unknown + known)
}

/** Nodes in which a cartel is tried out. */
const NODES = 200

/** What a node earns when a part of the nodes asks `times` the price, relative to no cartel: within it, and outside. The median moves. */
export function cartelEarnings(
  part: number,
  times: number,
): { readonly member: number; readonly outsider: number } {
  const members = Math.round(part * NODES)
  const all = Array.from({ length: NODES }, (_, at) => knownOf({ price: at < members ? times : 1 }))
  const weighed = weights(all, NOW)
  const sum = weighed.reduce((total, weight) => total + weight, 0)
  const share = (at: number): number => (weighed[at]! / sum) * NODES
  return {
    member: members > 0 ? times * share(0) : 0,
    outsider: members < NODES ? share(NODES - 1) : 0,
  }
}

/** Part of all topics that one of so many nodes gets when it asks a `ratio` of what the others ask. */
export function loneShare(nodes: number, ratio: number): number {
  const all = Array.from({ length: nodes }, (_, at) => knownOf({ price: at === 0 ? ratio : 1 }))
  const weighed = weights(all, NOW)
  return weighed[0]! / weighed.reduce((total, weight) => total + weight, 0)
}

/** Part of all topics that a part of the nodes gets together when it asks a `ratio` of what the others ask. */
export function coalitionShare(part: number, ratio: number): number {
  const { member } = cartelEarnings(part, ratio)
  return ratio > 0 ? (member / ratio) * (Math.round(part * NODES) / NODES) : 0
}

/** The price, in times the usual one, at which a node earns most when a unit costs it `cost` times the usual price. */
export function bestRatio(cost: number): number {
  let best = 1
  let most = -Infinity
  for (let ratio = 0.2; ratio < 5; ratio += 0.001) {
    const earned = (ratio - cost) * relativeWeight({ price: ratio })
    if (earned > most) [most, best] = [earned, ratio]
  }
  return best
}
