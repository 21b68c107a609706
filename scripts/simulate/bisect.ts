import { SimulateError } from './errors.ts'

/** Halvings: of 60, a factor of 10^12 becomes less than a part in 10^16. */
const STEPS = 60

/**
 * Where `holds` changes between `from` and `to`, which differ in it; by equal factors if both are positive. The function must change once:
 * with more changes one of them is found. @throws SimulateError NO_THRESHOLD.
 */
export function thresholdOf(holds: (x: number) => boolean, from: number, to: number): number {
  const found = findThreshold(holds, from, to)
  if (found !== undefined) return found
  throw new SimulateError(`Nothing changes between ${from} and ${to}`, { code: 'NO_THRESHOLD', from, to })
}

/** The same in so many halvings; undefined if both ends agree. */
export function findThreshold(
  holds: (x: number) => boolean,
  from: number,
  to: number,
  steps = STEPS,
): number | undefined {
  const atFrom = holds(from)
  if (holds(to) === atFrom) return undefined
  const logarithmic = from > 0 && to > 0
  let [low, high] = [from, to]
  for (let step = 0; step < steps; step++) {
    const middle = logarithmic ? Math.sqrt(low * high) : (low + high) / 2
    if (holds(middle) === atFrom) low = middle
    else high = middle
  }
  return (low + high) / 2
}
