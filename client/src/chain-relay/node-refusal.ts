import { CHAIN_STATUS, ChainRelayError } from '@teahouse/protocol/chain-relay'
import { asksForPayment } from '@teahouse/protocol/payments'

/** Whether a node refused with this status; docs/wire/chain.md. */
export function refusedWith(error: unknown, status: number): error is ChainRelayError {
  return error instanceof ChainRelayError && error.detail.code === 'REFUSED' && error.detail.status === status
}

/** Whether the node has been asked more than it answers in a second. */
export const isToWait = (error: unknown): boolean =>
  refusedWith(error, CHAIN_STATUS.tooManyRequests) && error.message.includes('wait a second')

/** Whether the node would do it for money. */
export const isToPay = (error: unknown): boolean =>
  refusedWith(error, CHAIN_STATUS.tooManyRequests) && asksForPayment(error.message)
