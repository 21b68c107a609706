import { assumed, type Assumed } from './assumptions.ts'
import { readFacts, type Facts } from './facts.ts'
import { rounded, type Claim, type Outcome, type Scenario } from './outcome.ts'

export const DEFAULT_SEED = 1

/** What a run gives, as docs/economics/results.json keeps it: every number to five digits. */
export interface Results {
  readonly seed: number
  readonly facts: Facts
  readonly assumed: Assumed
  readonly scenarios: Readonly<Record<string, Outcome>>
}

/** Runs the scenarios, one after the other. */
export async function simulate(
  scenarios: readonly Scenario[],
  seed: number = DEFAULT_SEED,
): Promise<Results> {
  const facts = await readFacts()
  const given = { facts, assumed: assumed(), seed }
  const outcomes = scenarios.map((scenario) => [scenario.name, scenario.run(given)] as const)
  return roundedAll({ seed, facts, assumed: given.assumed, scenarios: Object.fromEntries(outcomes) })
}

function roundedAll<T>(value: T): T {
  const text = JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'number' ? rounded(part) : part,
  )
  return JSON.parse(text) as T
}

/** What a run claims, with what its table of attacks says: none pays but those that are known to. */
export function claimsOf({ claims, attacks }: Outcome): Claim[] {
  return [
    ...claims,
    ...attacks.map(({ name, cost, gain, pays = false }) => ({
      text: `${pays ? 'it pays, as is known, to' : 'it does not pay to'} ${name}`,
      holds: gain > cost === pays,
    })),
  ]
}

/** Two results that differ by less are taken for equal: the last of five digits may be rounded either way. */
const TOLERANCE = 2e-4

/** Where `found` differs from `kept`, by path; what `found` has not at its first level of scenarios is not compared. */
export function differences(kept: unknown, found: unknown, path = ''): string[] {
  if (typeof kept === 'number' && typeof found === 'number') {
    const scale = Math.max(Math.abs(kept), Math.abs(found))
    return Math.abs(kept - found) <= TOLERANCE * scale ? [] : [`${path}: ${kept} is now ${found}`]
  }
  if (isTree(kept) && isTree(found)) {
    const names =
      path === '/scenarios' ? Object.keys(found) : [...new Set([...Object.keys(kept), ...Object.keys(found)])]
    return names.flatMap((name) => differences(kept[name], found[name], `${path}/${name}`))
  }
  return kept === found ? [] : [`${path}: ${JSON.stringify(kept)} is now ${JSON.stringify(found)}`]
}

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
