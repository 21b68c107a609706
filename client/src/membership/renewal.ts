/** That a membership has to be renewed; times in seconds. */
export interface RenewalWarning {
  /** `grace`: the term is over, and the membership with it when grace ends. */
  readonly due: 'in 30 days' | 'in 7 days' | 'in 1 day' | 'grace'
  /** Until the term ends; until grace ends if it has. */
  readonly secondsLeft: number
}

/** What of a membership's status it depends on; times in seconds. */
export interface Term {
  readonly state: string
  readonly expiry?: number | undefined
  readonly termSeconds: number
  readonly graceSeconds: number
}

const DAY = 86_400
const WARNINGS = [
  { days: 1, due: 'in 1 day' },
  { days: 7, due: 'in 7 days' },
  { days: 30, due: 'in 30 days' },
] as const

/**
 * The warning that a membership's owner should see now, if any. Of a term that is short itself nobody is warned before half of
 * it is over.
 */
export function renewalWarning(
  { state, expiry, graceSeconds, termSeconds }: Term,
  nowSeconds: number,
): RenewalWarning | undefined {
  if (expiry === undefined || (state !== 'active' && state !== 'grace')) return undefined
  const secondsLeft = expiry - nowSeconds
  if (secondsLeft < 0) return { due: 'grace', secondsLeft: Math.max(0, secondsLeft + graceSeconds) }
  const found = WARNINGS.find(({ days }) => secondsLeft <= Math.min(days * DAY, termSeconds / 2))
  return found && { due: found.due, secondsLeft }
}
