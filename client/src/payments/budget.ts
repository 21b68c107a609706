import { isTeahouseError } from '@teahouse/protocol/errors'
import type { NodeRecord } from '../net/directory.ts'

/** What one call may pay and has paid so far, over all nodes and attempts; in the token's smallest unit. */
export interface Budget {
  /** What was signed for, whether or not it was answered. */
  readonly paid: bigint
  /** What may still be paid. */
  readonly left: bigint
  /** Whether the caller has set no limit: then `usualPrice` limits each unit of service besides. */
  readonly usual: boolean
  /** Counts what is signed for. */
  add(amount: bigint): void
}

/** The most for one call when the caller sets no limit: 10 tokens. A node says itself how many requests an answer takes. */
const USUAL_LIMIT = 10_000_000n

/** Starts with nothing paid. */
export function createBudget(limit?: bigint): Budget {
  let paid = 0n
  return {
    get paid() {
      return paid
    },
    get left() {
      return (limit ?? USUAL_LIMIT) - paid
    },
    usual: limit === undefined,
    add: (amount) => void (paid += amount),
  }
}

/** How many times an operator's announced price a unit may cost when the caller sets no limit. */
const HINT_FACTOR = 4n
/** The most for a unit of an operator that announced no price: 0.01 tokens. */
const UNANNOUNCED_PRICE = 10_000n
/** The most for a unit, whatever was announced: 1 token. */
const HIGHEST_PRICE = 1_000_000n

/**
 * The most that a unit of service may cost when the caller sets no limit: an offer is the node's own word, and given to
 * one peer at a time; the price on chain is the same for everybody.
 */
export function usualPrice({ priceHint }: Pick<NodeRecord, 'priceHint'>): bigint {
  if (priceHint === 0n) return UNANNOUNCED_PRICE
  const price = priceHint * HINT_FACTOR
  return price < HIGHEST_PRICE ? price : HIGHEST_PRICE
}

/** Notes in an error's detail, as `paid`, what the failed call has signed for: it stays signed for. Returns the error. */
export function withPaid(error: unknown, { paid }: Budget): unknown {
  if (paid > 0n && isTeahouseError(error)) Object.assign(error.detail, { paid })
  return error
}

/** What a call had signed for before it threw `error`, in the token's smallest unit. */
export function paidBefore(error: unknown): bigint {
  if (!isTeahouseError(error)) return 0n
  const { paid } = error.detail as { paid?: bigint }
  return paid ?? paidBefore(error.cause)
}
