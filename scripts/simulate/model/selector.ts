import type { Assumed } from '../assumptions.ts'

/** How a node looks to a client: what it asks, and what it delivered of what it promised. */
export interface Looks {
  readonly price: number
  readonly record: number
}

type Taste = Pick<Assumed, 'priceExponent' | 'recordExponent' | 'carefree' | 'paidPages'>

/** How often a client that knows the node chooses it, relative to others. */
export function weightOf({ price, record }: Looks, taste: Taste): number {
  const { priceExponent, recordExponent } = taste
  return record <= 0 ? 0 : (price + unnoticed(taste)) ** -priceExponent * record ** recordExponent
}

/** The price of a page that nobody minds. */
export const unnoticed = ({ carefree, paidPages }: Pick<Assumed, 'carefree' | 'paidPages'>): number =>
  carefree / paidPages

/** The price at which one of many earns most when a page costs it `cost`; none if clients hardly look at prices. */
export function bestPrice(cost: number, taste: Taste): number | undefined {
  const { priceExponent } = taste
  return priceExponent > 1 ? (unnoticed(taste) + cost * priceExponent) / (priceExponent - 1) : undefined
}

export interface AirMarket {
  /** Who pays, and how many units each a month. */
  readonly payers: number
  readonly units: number
  /** Nodes that serve, and their price. */
  readonly serving: number
  readonly price: number
  /** What the node that sells air asks. */
  readonly asked: number
}

/**
 * Tokens a month of a node that takes a payment and gives nothing. A client comes only while it has no record of the node, is out one unit,
 * and stays away until it forgets: a renewal process.
 */
export function airIncome(market: AirMarket, assumed: Assumed): number {
  const { payers, units, serving, price, asked } = market
  const { exploring, forgetting } = assumed
  const weight = weightOf({ price: asked, record: 1 }, assumed) / weightOf({ price, record: 1 }, assumed)
  const tries = (exploring * units * weight) / (serving + weight)
  return (payers * tries * asked) / (1 + forgetting * tries)
}
