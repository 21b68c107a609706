import type { NodeRecord } from '../net/directory.ts'
import type { Peer } from '../net/peer.ts'
import type { Budget } from '../payments/budget.ts'
import { PayError } from '../payments/errors.ts'
import type { Order, Till } from '../payments/till.ts'
import { isOverLimit, QueryError } from './errors.ts'
import { queryPage, type Page, type PageQuery } from './history.ts'

/** A page without its kilobytes; then one with as many as a usual page has; then with those of the largest message. */
const QUERY: Order = { 'store-query': 1 }
const KILOBYTES = [16, 160]
const FIRST_KILOBYTE: Order = { ...QUERY, 'store-kilobyte': 1 }

/** One page of a node's store. Throws QueryError, PayError, NetError. */
export const paidPage = (
  { peer, till }: { readonly peer: Peer; readonly till: Till },
  node: NodeRecord,
  query: PageQuery,
  budget: Budget | undefined,
): Promise<Page> => paidQuery(till, node, () => queryPage(peer, node, query), budget)

/**
 * One query of a node's store; beyond what peers have free, of a member's quota if the node gives it, else paid for if there is a budget.
 * Throws what `query` throws, and PayError.
 */
export async function paidQuery<T>(
  till: Till,
  node: NodeRecord,
  query: () => Promise<T>,
  budget: Budget | undefined,
): Promise<T> {
  const refused = async (): Promise<T | QueryError> => {
    try {
      return await query()
    } catch (error) {
      if (error instanceof QueryError && error.code === 'TOO_MANY_REQUESTS') return error
      throw error
    }
  }

  let answer = await refused()
  if (!(answer instanceof QueryError)) return answer
  if (isOverLimit(answer)) throw answer
  if (await till.openQuota(node, FIRST_KILOBYTE)) {
    answer = await refused()
    if (!(answer instanceof QueryError)) return answer
  }
  if (!budget || isOverLimit(answer)) throw answer
  const isByKilobyte = (await till.priceOf(node, 'store-kilobyte')) > 0n
  const orders = isByKilobyte ? KILOBYTES.map((units) => ({ ...QUERY, 'store-kilobyte': units })) : [QUERY]
  for (const order of orders) {
    await till.buy(node, order, budget)
    answer = await refused()
    if (!(answer instanceof QueryError)) return answer
    if (isOverLimit(answer)) throw answer
  }
  const { peerId } = node
  const detail = { code: 'STILL_UNPAID', peerId, service: 'store-query' } as const
  throw new PayError(`The node ${peerId} took the payment and wants another`, detail, { cause: answer })
}
