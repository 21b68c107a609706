import type { Random } from '../random.ts'

/** Ways to share out the fees of all memberships. */
export const RULES = ['stake', 'vouchers', 'stake × vouchers', 'matching', 'home'] as const
export type Rule = (typeof RULES)[number]

export interface RuleWorld {
  readonly operators: number
  /** Tokens a month: fees to share out, paid demand of honest clients, an operator's machine. */
  readonly fees: number
  readonly demand: number
  readonly machine: number
  /** Part that is lost when an operator pays itself. */
  readonly cut: number
}

export interface RuleResult {
  /** Parts of the operators. */
  readonly serving: number
  readonly washing: number
  /** Part of the fees that reached operators that do not serve. */
  readonly toIdle: number
}

interface Agent {
  readonly stake: number
  readonly serves: boolean
  /** Tokens a month of vouchers that it pays itself. */
  readonly washed: number
}

/** All agents together: sums. */
interface Totals {
  readonly stake: number
  readonly serving: number
  readonly washed: number
  /** Of the square roots of stake × vouchers, which those who serve have in common demand. */
  readonly mixed: number
}

/** What matching pays for a token of vouchers at most. */
const MATCHED = 0.5
const ROUNDS = 40
/** What an agent considers paying itself, in multiples of an equal share of the fees. */
const WASHES = [0, 0.25, 0.5, 1, 2, 4, 8, 16]

/** Operators change to their best reply one after the other, in rounds, until nobody does. Idle ones keep their stake. */
export function settleRule(rule: Rule, world: RuleWorld, random: Random): RuleResult {
  const agents: Agent[] = Array.from({ length: world.operators }, () => ({
    stake: random.lognormal(1, 1),
    serves: random.next() < 0.5,
    washed: 0,
  }))
  const choices = [false, true].flatMap((serves) =>
    WASHES.map((times) => ({ serves, washed: (times * world.fees) / world.operators })),
  )
  for (let round = 0, changed = true; changed && round < ROUNDS; round++) {
    changed = false
    let totals = totalsOf(agents, world)
    for (const [at, agent] of agents.entries()) {
      const rest = added(totals, agent, world, -1)
      const worth = (next: Agent): number => payoff(rule, next, added(rest, next, world), world)
      const best = choices
        .map((choice) => ({ ...agent, ...choice }))
        .reduce((a, b) => (worth(b) > worth(a) ? b : a), agent)
      if (best !== agent) changed = true
      agents[at] = best
      totals = added(rest, best, world)
    }
  }
  return resultOf(rule, agents, world)
}

/** What an agent gets of the fees, tokens a month; it is in the totals. */
function reward(rule: Rule, agent: Agent, totals: Totals, { fees, demand }: RuleWorld): number {
  const own = agent.washed + (agent.serves ? demand / totals.serving : 0)
  const all = totals.washed + (totals.serving > 0 ? demand : 0)
  if (rule === 'stake') return (fees * agent.stake) / totals.stake
  if (rule === 'stake × vouchers')
    return totals.mixed > 0 ? (fees * mixOf(agent, totals.serving, demand)) / totals.mixed : 0
  if (rule === 'vouchers') return all > 0 ? (fees * own) / all : 0
  if (rule === 'matching') return all > 0 ? Math.min(MATCHED, fees / all) * own : 0
  return agent.serves ? fees / totals.serving : 0 // who serves is named
}

/** Under the home rule, too, what it pays itself comes back but the cut: as the fees of memberships of its own. */
function payoff(rule: Rule, agent: Agent, totals: Totals, world: RuleWorld): number {
  const sold = agent.serves ? world.demand / totals.serving - world.machine : 0
  return reward(rule, agent, totals, world) + sold - world.cut * agent.washed
}

/** With the number of those who serve as it was at the beginning of a round: one agent changes it little. */
const mixOf = ({ stake, serves, washed }: Agent, serving: number, demand: number): number =>
  Math.sqrt(stake * (washed + (serves ? demand / Math.max(1, serving) : 0)))

function added(totals: Totals, agent: Agent, { demand }: RuleWorld, times: 1 | -1 = 1): Totals {
  const serving = totals.serving + times * Number(agent.serves)
  const counted = times === 1 ? serving : totals.serving
  return {
    stake: totals.stake + times * agent.stake,
    serving,
    washed: totals.washed + times * agent.washed,
    mixed: totals.mixed + times * mixOf(agent, counted, demand),
  }
}

function totalsOf(agents: readonly Agent[], { demand }: RuleWorld): Totals {
  const serving = agents.filter(({ serves }) => serves).length
  const sum = (of: (agent: Agent) => number): number => agents.reduce((all, agent) => all + of(agent), 0)
  return {
    stake: sum(({ stake }) => stake),
    serving,
    washed: sum(({ washed }) => washed),
    mixed: sum((agent) => mixOf(agent, serving, demand)),
  }
}

function resultOf(rule: Rule, agents: readonly Agent[], world: RuleWorld): RuleResult {
  const totals = totalsOf(agents, world)
  const got = agents.map((agent) => reward(rule, agent, totals, world))
  const paid = got.reduce((all, one) => all + one, 0)
  const idle = got.reduce((all, one, at) => all + (agents[at]!.serves ? 0 : one), 0)
  return {
    serving: totals.serving / agents.length,
    washing: agents.filter(({ washed }) => washed > 0).length / agents.length,
    toIdle: paid > 0 ? idle / paid : 0,
  }
}
