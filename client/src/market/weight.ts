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
/** A dearer node gets less by the square of its price over the usual one, but something. */
const LEAST = 1e-6
const DAY_SECONDS = 86_400

/**
 * How much of what is asked each of them is to get: the better it kept its word, the faster, the cheaper beside the others, the more
 * its operator has at stake and the longer it is known, the more. Above 0. `nowSeconds` since 1970.
 */
export function weights(all: readonly Known[], nowSeconds: number): number[] {
  const usualPrice = median(all.map(({ price }) => Number(price)))
  const usualStake = median(all.map(({ node }) => Number(node.staked)))
  return all.map(({ node, price, history, hearsay }) => {
    const asked = PRIOR + (history?.asked ?? 0) + (hearsay?.asked ?? 0)
    const served = PRIOR + (history?.served ?? 0) + (hearsay?.served ?? 0)
    const reliability = served / (asked + BROKEN * (history?.broken ?? 0))
    const speed = history?.latencyMs ? (2 * FAST_MS) / (2 * FAST_MS + history.latencyMs) : 0.5
    const cheapness = 1 / (1 + ratio(Number(price), usualPrice) ** 2)
    const backing = 1 + Math.min(1, ratio(Number(node.staked), usualStake) / 2)
    const days = history ? Math.max(0, nowSeconds - history.since) / DAY_SECONDS : 0
    const age = 1 + Math.min(1, days / 30)
    return Math.max(LEAST, reliability ** 3 * speed * cheapness * backing * age)
  })
}

/** How many times the usual; 0 of nothing. */
const ratio = (value: number, usual: number) => (value === 0 ? 0 : usual === 0 ? 10 : value / usual)

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}
