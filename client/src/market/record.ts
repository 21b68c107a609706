import * as z from 'zod/mini'

/** At most so many requests count; then all counts are halved, so that what was long ago fades. */
const MEMORY = 400
/** The part of the newest answer in the mean of latencies. */
const NEWEST = 0.2

const Count = z.number().check(z.gte(0), z.lte(1_000_000))

/** How an operator has served this account. */
export const ServiceHistory = z.strictObject({
  /** Requests that counted, and those that were answered as they should be. */
  asked: Count,
  served: Count,
  /** Times that it broke its word: took a payment and refused, showed what is not so, withheld what another had. */
  broken: Count,
  /** Milliseconds of an answer, newer ones counting more; 0 before the first. */
  latencyMs: Count,
  /** Unix seconds of the first request. */
  since: z.number().check(z.gte(0), z.lte(1e11)),
})
export type ServiceHistory = z.output<typeof ServiceHistory>

/** `broken` is worse than no answer. */
export type Outcome =
  | { readonly kind: 'served'; readonly latencyMs: number }
  | { readonly kind: 'failed' }
  | { readonly kind: 'broken' }

/** The history after one more request; `nowSeconds` since 1970. */
export function after(
  before: ServiceHistory | undefined,
  outcome: Outcome,
  nowSeconds: number,
): ServiceHistory {
  const start = before ?? { asked: 0, served: 0, broken: 0, latencyMs: 0, since: nowSeconds }
  const old = start.asked >= MEMORY ? halved(start) : start
  const asked = old.asked + 1
  if (outcome.kind === 'failed') return { ...old, asked }
  if (outcome.kind === 'broken') return { ...old, asked, broken: old.broken + 1 }
  const latency = Math.min(outcome.latencyMs, 600_000)
  const latencyMs = old.latencyMs === 0 ? latency : old.latencyMs + NEWEST * (latency - old.latencyMs)
  return { ...old, asked, served: old.served + 1, latencyMs }
}

function halved(history: ServiceHistory): ServiceHistory {
  return { ...history, asked: history.asked / 2, served: history.served / 2, broken: history.broken / 2 }
}
