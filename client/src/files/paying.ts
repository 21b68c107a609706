import { asksForPayment } from '@teahouse/protocol/payments'
import type { NodeRecord } from '../net/directory.ts'
import type { Budget } from '../payments/budget.ts'
import { PayError } from '../payments/errors.ts'
import type { Order, Till } from '../payments/till.ts'
import { FileError } from './errors.ts'

/** Runs a request at a node; if the node asks for payment, of a member's quota there, or paid for. */
export type Paying = <T>(node: NodeRecord, order: Order, request: () => Promise<T>) => Promise<T>

/** Whether a payment lifts the refusal: a limit or a node that is busy has the same status. */
const isUnpaidFor = (error: unknown) =>
  error instanceof FileError &&
  error.detail.code === 'TOO_MANY_REQUESTS' &&
  asksForPayment(error.detail.description)

/**
 * Pays nodes by turns: of several requests that one node refuses, the first buys for all of them what `order` says. Without a budget nothing
 * is paid. What the result throws: what the request throws, and PayError.
 */
export function payingFrom(till: Pick<Till, 'buy' | 'openQuota'>, budget: Budget | undefined): Paying {
  const turns = new Map<string, Promise<unknown>>()
  let buying: Promise<unknown> = Promise.resolve()

  /** One after the other, over all nodes: all allocations come out of one deposit. */
  async function buy(node: NodeRecord, order: Order, from: Budget): Promise<void> {
    const bought = buying.then(() => till.buy(node, order, from))
    buying = bought.catch(() => undefined)
    await bought
  }

  async function buyAndAsk<T>(node: NodeRecord, order: Order, request: () => Promise<T>): Promise<T> {
    try {
      return await request() // what another one has bought may do
    } catch (error) {
      if (!isUnpaidFor(error) || !budget) throw error
    }
    await buy(node, order, budget)
    try {
      return await request()
    } catch (cause) {
      if (!isUnpaidFor(cause)) throw cause
      const { peerId } = node
      const detail = { code: 'STILL_UNPAID', peerId, service: Object.keys(order).join(' and ') } as const
      throw new PayError(`The node ${peerId} took the payment and wants another`, detail, { cause })
    }
  }

  return async (node, order, request) => {
    try {
      return await request()
    } catch (error) {
      if (!isUnpaidFor(error)) throw error
      const isFree = await till.openQuota(node, order)
      if (!isFree && !budget) throw error
      if (isFree && !budget) return await request()
    }
    const before = turns.get(node.peerId) ?? Promise.resolve()
    const mine = before.then(() => buyAndAsk(node, order, request))
    turns.set(
      node.peerId,
      mine.catch(() => undefined),
    )
    return await mine
  }
}
