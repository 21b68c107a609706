import { chainError } from '@teahouse/protocol/chain'
import { TeahouseError, isTeahouseError } from '@teahouse/protocol/errors'
import { explainRevert } from './reasons.ts'
import { BaseError, InsufficientFundsError } from 'viem'

export class CallError extends TeahouseError<
  | { readonly code: 'NO_CHAIN'; readonly rpcUrl: string }
  | { readonly code: 'WRONG_CHAIN'; readonly expected: number; readonly actual: number }
  | {
      readonly code: 'REVERTED'
      readonly action: string
      readonly reason: string
      readonly args: readonly unknown[]
    }
  | { readonly code: 'NO_GAS'; readonly action: string }
  | { readonly code: 'NOT_ENOUGH_TOKENS'; readonly needed: bigint; readonly balance: bigint }
  | { readonly code: 'FAILED'; readonly action: string }
> {}

/** Turns what a read or a transaction threw into a CallError that says what was being done. */
export function callError(error: unknown, action: string, rpcUrl: string): CallError {
  if (error instanceof CallError) return error
  const cause = isTeahouseError(error) ? error.cause : error
  if (cause instanceof BaseError && cause.walk(isWithoutFunds)) {
    return new CallError(
      `This account has no coins for the gas to ${action}`,
      { code: 'NO_GAS', action },
      { cause: error },
    )
  }
  const known = chainError(error)
  const { detail } = known
  if (detail.code === 'REVERTED') {
    const { error: reason, args } = detail
    return new CallError(
      `The chain refused to ${action}: ${explainRevert(reason, args)}`,
      { code: 'REVERTED', action, reason, args },
      { cause: known },
    )
  }
  if (detail.code === 'UNREACHABLE') {
    return new CallError(
      `No answer from the chain at ${rpcUrl}`,
      { code: 'NO_CHAIN', rpcUrl },
      { cause: known },
    )
  }
  return new CallError(`Could not ${action}: ${known.message}`, { code: 'FAILED', action }, { cause: known })
}

/** viem knows how most nodes say it; the local one says it otherwise. */
function isWithoutFunds(error: unknown): boolean {
  return error instanceof InsufficientFundsError || /doesn't have enough funds/.test(String(error))
}
