import type { NodeRecord } from '../net/directory.ts'
import type { ServiceHistory } from './record.ts'

/** What is known of a node when it is weighed. */
export interface Known {
  readonly node: Pick<NodeRecord, 'staked'>
  /** What a unit of the service costs by its offer, or by what it announced; in the token's smallest unit. */
  readonly price: bigint
  /** This account's own. */
  readonly history?: ServiceHistory | undefined
  /** What others say they had of it, already cut down to what hearsay may count. */
  readonly hearsay?: Pick<ServiceHistory, 'asked' | 'served'> | undefined
}

/** A node of which nothing is known counts as one that answered both of two requests. */
const PRIOR = 2
/** A broken promise counts as so many requests without an answer. */
const BROKEN = 10
/** What is answered so fast as this is fast; twice as slow is 2/3 as good. */
const FAST_MS = 200
/**
 * A node gets less by the fourth power of its price over the usual one: so whoever asks more earns less, alone or with up to two thirds of the
 * others. One that asks nothing gets three times what a usual one gets, and no more: no price buys all topics. docs/economics.md.
 */
const PRICE_POWER = 4
const SATIATION = 0.5
/** Of all prices, from the lowest on, where the usual one stands: below the middle, so that it takes two thirds of the nodes to raise it. */
const USUAL_PART = 1 / 3
/** How dear anything counts where the usual price is nothing. */
const DEARER_THAN_NOTHING = 3
/** Whatever it asks and has done, a node gets something. */
const LEAST = 1e-6
const DAY_SECONDS = 86_400

/**
 * How much of what is asked each of them is to get: the better it kept its word, the faster, the cheaper beside the others, the more
 * its operator has at stake and the longer it is known, the more. Above 0. `nowSeconds` since 1970.
 */
export function weights(all: readonly Known[], nowSeconds: number): number[] {
  const usualPrice = usualOf(all.map(({ price }) => Number(price)))
  const usualStake = median(all.map(({ node }) => Number(node.staked)))
  return all.map(({ node, price, history, hearsay }) => {
    const asked = PRIOR + (history?.asked ?? 0) + (hearsay?.asked ?? 0)
    const served = PRIOR + (history?.served ?? 0) + (hearsay?.served ?? 0)
    const reliability = served / (asked + BROKEN * (history?.broken ?? 0))
    const speed = history?.latencyMs ? (2 * FAST_MS) / (2 * FAST_MS + history.latencyMs) : 0.5
    const cheapness = 1 / (SATIATION + ratio(Number(price), usualPrice, DEARER_THAN_NOTHING) ** PRICE_POWER)
    const backing = 1 + Math.min(1, ratio(Number(node.staked), usualStake, 2) / 2)
    const days = history ? Math.max(0, nowSeconds - history.since) / DAY_SECONDS : 0
    const age = 1 + Math.min(1, days / 30)
    return Math.max(LEAST, reliability ** 3 * speed * cheapness * backing * age)
  })
}

/** How many times the usual; 0 of nothing, and `beyond` where nothing is usual. */
const ratio = (value: number, usual: number, beyond: number) =>
  value === 0 ? 0 : usual === 0 ? beyond : value / usual

const sortedUp = (values: readonly number[]) => values.toSorted((a, b) => a - b)

function median(values: readonly number[]): number {
  return sortedUp(values)[Math.floor((values.length - 1) / 2)] ?? 0
}

/** Where a third asks less; never the lowest of several, or one node alone would make all others dear. */
function usualOf(prices: readonly number[]): number {
  const at = Math.max(1, Math.floor((prices.length - 1) * USUAL_PART))
  return sortedUp(prices)[Math.min(at, prices.length - 1)] ?? 0
}
