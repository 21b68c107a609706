import type { Assumed } from '../assumptions.ts'
import type { Facts } from '../facts.ts'
import type { Random } from '../random.ts'
import { joined, membersOf, NOBODY, type Field } from './field.ts'
import { pageCost } from './money.ts'
import { sells, serves, STRATEGIES, type Operator, type Strategy } from './strategies.ts'
import { payoffOf } from './payoff.ts'

export interface MarketInit {
  readonly facts: Facts
  readonly assumed: Assumed
  readonly random: Random
  /** What operators do at the beginning, by their number. */
  readonly start: (at: number) => Strategy
}

/** How an operator may change its price when it thinks anew. */
const PRICE_STEPS = [0.6, 0.9, 1, 1.1, 1.6]
/** Standard deviations of logarithms. */
const QUALITY_SPREAD = 0.3
const MACHINE_SPREAD = 0.5

/** Many operators that change to their best reply now and then; members and payers in aggregate. */
export function createMarket({ facts, assumed, random, start }: MarketInit) {
  const floor = pageCost(assumed)
  const bounded = (price: number): number => Math.min(facts.client.highestPrice, Math.max(floor, price))
  const fieldNow = (): Field =>
    operators.reduce((field, operator) => joined(field, operator, assumed), NOBODY)

  const operators: Operator[] = Array.from({ length: Math.round(assumed.candidates) }, (_, at) => ({
    quality: random.lognormal(1, QUALITY_SPREAD),
    machine: random.lognormal(assumed.machine, MACHINE_SPREAD),
    strategy: start(at),
    price: facts.price.page,
    members: 0,
  }))
  moveMembers(1)

  /** A part of those who would go somewhere else goes. */
  function moveMembers(part: number): void {
    const field = fieldNow()
    for (const [at, operator] of operators.entries()) {
      const { members } = operator
      const end = membersOf(operator, field, facts, assumed)
      operators[at] = { ...operator, members: members + part * (end - members) }
    }
  }

  /** The best of everything that `operator` could do while the others, `field`, stay as they are. */
  function bestReply(operator: Operator, field: Field): Operator {
    let best = operator
    let most = -Infinity
    for (const strategy of STRATEGIES) {
      for (const times of sells({ strategy }) ? PRICE_STEPS : [1]) {
        const next = { ...operator, strategy, price: bounded(operator.price * times) }
        const payoff = payoffOf(next, { field, facts, assumed })
        if (payoff > most) [most, best] = [payoff, next]
      }
    }
    return best
  }

  return {
    operators: operators as readonly Operator[],
    /** A month: some think anew, one after the other, then members move. */
    step(): void {
      let field = fieldNow()
      for (const [at, operator] of operators.entries()) {
        if (random.next() >= assumed.reconsidering) continue
        const rest = joined(field, operator, assumed, -1)
        const next = bestReply(operator, rest)
        operators[at] = next
        field = joined(rest, next, assumed)
      }
      moveMembers(assumed.reviewing)
    },
  }
}

/** A market in figures. */
export interface Census {
  /** Operators by what they do. */
  readonly operators: Readonly<Record<Strategy, number>>
  /** Part of the members, and so of the fees, whose operator serves. */
  readonly served: number
  /** The middle price of a page among those that serve; 0 without any. */
  readonly price: number
}

export function census(operators: readonly Operator[]): Census {
  const counts = STRATEGIES.map((one) => [one, operators.filter(({ strategy }) => strategy === one).length])
  const sum = (some: readonly Operator[]): number => some.reduce((all, { members }) => all + members, 0)
  const serving = operators.filter((operator) => serves(operator))
  const prices = serving.map(({ price }) => price).sort((a, b) => a - b)
  return {
    operators: Object.fromEntries(counts) as Record<Strategy, number>,
    served: sum(serving) / Math.max(1, sum(operators)),
    price: prices[prices.length >> 1] ?? 0,
  }
}
