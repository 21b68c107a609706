import { formatAmount } from '../amounts.ts'

const time = (unixSeconds: unknown): string => {
  const milliseconds = Number(unixSeconds) * 1000
  return milliseconds < 8.64e15 ? new Date(milliseconds).toISOString() : `${String(unixSeconds)} s`
}
const tokens = (amount: unknown): string => `${formatAmount(BigInt(String(amount)))} tokens`

/** What the custom errors of the contracts mean, from their arguments. Those not listed are shown as they are. */
export const REASONS: Readonly<Record<string, (args: readonly unknown[]) => string>> = {
  AlreadyRegistered: () => 'this account has been a member before, and can be one once only',
  BadTerms: () => 'the terms contradict each other',
  BadSplit: ([, , least, most]) => `the payee can get ${tokens(least)} to ${tokens(most)}`,
  EvaluatorFailed: () => 'the evaluator of the deal does not decide on this evidence',
  InsufficientBalance: ([, wanted, balance]) =>
    `${tokens(wanted)} are needed, ${tokens(balance)} are deposited`,
  AllocationOnlyGrows: ([, , allocated]) => `${tokens(allocated)} are allocated already`,
  BadSignature: ([signer]) => `the signature is not one of ${String(signer)} for this`,
  NotActive: () => 'the membership is not active',
  NotThawed: ([, until]) =>
    Number(until) === 0 ? 'the channel is not being closed' : `it thaws until ${time(until)}`,
  NotWithdrawable: ([, , , from]) =>
    Number(from) === 0 ? 'leave first' : `it can be withdrawn from ${time(from)} on`,
  PriceTooHigh: ([price]) => `the price has changed to ${tokens(price)}`,
  SignatureExpired: ([deadline]) => `the signature was good until ${time(deadline)}`,
  TermOver: ([, , ended]) => `the membership ended at ${time(ended)}`,
  TooEarly: ([, from]) => `this is possible from ${time(from)} on`,
  TooLate: ([, until]) => `this was possible until ${time(until)}`,
  UnknownHome: ([home]) => `there is no operator ${String(home)}`,
  ERC20InsufficientBalance: ([, balance, needed]) =>
    `${tokens(needed)} are needed, the account has ${tokens(balance)}`,
}

/** A revert in words. */
export function explainRevert(error: string, args: readonly unknown[]): string {
  const reason = REASONS[error]
  if (reason) return reason(args)
  return args.length > 0 ? `${error}(${args.map(String).join(', ')})` : error
}
