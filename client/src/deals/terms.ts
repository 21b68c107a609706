import { TeahouseError } from '@teahouse/protocol/errors'
import { hashTypedData, isAddressEqual, zeroAddress, type Address, type Hex } from 'viem'

/** The terms of a deal, as the escrow contract has them. Amounts in the token's smallest unit, times in unix seconds. */
export interface DealTerms {
  readonly payer: Address
  readonly payee: Address
  /** Zero, if there is an evaluator, for a deal without disputes. */
  readonly arbiter: Address
  /** A contract that may decide the deal; zero if there is none. */
  readonly evaluator: Address
  readonly amount: bigint
  /** What the payee locks. */
  readonly collateral: bigint
  readonly arbiterFee: bigint
  /** What each side of a dispute deposits; 0: the arbiter's fee comes off the amount. */
  readonly bond: bigint
  readonly deliverBy: number
  /** Seconds to react: after `deliverBy` to call the arbiter, after a call with bonds to answer, to lock collateral. */
  readonly disputeWindow: number
  /** Seconds that the arbiter has. */
  readonly rulingWindow: number
  /** The payee's share if the arbiter is silent or the evaluator decides nothing, in basis points. */
  readonly defaultToPayee: number
  readonly appFeeRecipient: Address
  readonly appFeeBps: number
  /** Salted hash of whatever else was agreed, such as what the evaluator goes by. */
  readonly details: Hex
}

export class DealError extends TeahouseError<
  | { readonly code: 'BAD_TERMS'; readonly field: keyof DealTerms; readonly why: string }
  | { readonly code: 'BAD_EVIDENCE' }
  | { readonly code: 'BAD_PARAMS'; readonly template: string; readonly field: string; readonly why: string }
  | { readonly code: 'NO_EVALUATOR'; readonly evaluator: string }
  | { readonly code: 'OTHER_TEMPLATE'; readonly template: string }
  | { readonly code: 'BAD_OFFER'; readonly why: string }
  | { readonly code: 'BAD_SIGNED'; readonly why: string }
  | { readonly code: 'BAD_DISCLOSURE'; readonly why: string }
  /** Whoever was asked about the sentence, or about the signature itself, said no. */
  | { readonly code: 'NOT_SIGNED'; readonly why: string }
  | { readonly code: 'UNKNOWN_DEAL'; readonly deal: string }
  | {
      readonly code: 'NOT_A_PARTY'
      readonly deal: string
      readonly role: 'payer' | 'payee' | 'arbiter' | 'party'
    }
  /** An RPC endpoint says that a deal is closed, and operators that it is not. */
  | { readonly code: 'CONTRADICTED'; readonly deal: string }
  | { readonly code: 'WRONG_STATE'; readonly deal: string; readonly state: string }
> {}

const BPS = 10_000
const MAX_APP_FEE_BPS = 1_000
const MAX_UINT40 = 2 ** 40 - 1

/** The terms as the contract has them, in this order. */
export const TERMS_TYPE = [
  { name: 'payer', type: 'address' },
  { name: 'payee', type: 'address' },
  { name: 'arbiter', type: 'address' },
  { name: 'evaluator', type: 'address' },
  { name: 'amount', type: 'uint128' },
  { name: 'collateral', type: 'uint128' },
  { name: 'arbiterFee', type: 'uint128' },
  { name: 'bond', type: 'uint128' },
  { name: 'deliverBy', type: 'uint40' },
  { name: 'disputeWindow', type: 'uint40' },
  { name: 'rulingWindow', type: 'uint40' },
  { name: 'defaultToPayee', type: 'uint16' },
  { name: 'appFeeRecipient', type: 'address' },
  { name: 'appFeeBps', type: 'uint16' },
  { name: 'details', type: 'bytes32' },
] as const

/** The EIP-712 domain of an escrow contract. */
export function escrowDomain(chainId: number, escrow: Address) {
  return { name: 'Teahouse Escrow', version: '1', chainId, verifyingContract: escrow } as const
}

/** The name of a deal on chain: the EIP-712 digest of its terms. */
export function dealId(terms: DealTerms, chainId: number, escrow: Address): Hex {
  const domain = escrowDomain(chainId, escrow)
  return hashTypedData({ domain, types: { Terms: TERMS_TYPE }, primaryType: 'Terms', message: terms })
}

/** What the payer signs for others to send the funding: EIP-712 typed data. */
export function fundingTypedData(terms: DealTerms, deadline: number, chainId: number, escrow: Address) {
  return {
    domain: escrowDomain(chainId, escrow),
    types: {
      Funding: [
        { name: 'terms', type: 'Terms' },
        { name: 'deadline', type: 'uint40' },
      ],
      Terms: TERMS_TYPE,
    },
    primaryType: 'Funding',
    message: { terms, deadline },
  } as const
}

const DEAL = { name: 'deal', type: 'bytes32' } as const
const DEADLINE = { name: 'deadline', type: 'uint40' } as const

/** What is signed for a deal, apart from its terms, in the contract's order. */
export const ACT_TYPES = {
  Acceptance: [DEAL, DEADLINE],
  Release: [DEAL, DEADLINE],
  Refund: [DEAL, DEADLINE],
  Answer: [DEAL, DEADLINE],
  PartRelease: [DEAL, { name: 'total', type: 'uint128' }, DEADLINE],
  Dispute: [DEAL, { name: 'advancer', type: 'address' }, DEADLINE],
  Ruling: [DEAL, { name: 'payeeAmount', type: 'uint128' }, DEADLINE],
  Settlement: [DEAL, { name: 'payeeAmount', type: 'uint128' }, DEADLINE],
} as const

/** One thing that somebody signs for a deal. Deadlines in unix seconds. */
export type DealAct = { readonly deal: Hex; readonly deadline: number } & (
  | { readonly act: 'Acceptance' | 'Release' | 'Refund' | 'Answer' }
  | { readonly act: 'PartRelease'; readonly total: bigint }
  | { readonly act: 'Dispute'; readonly advancer: Address }
  | { readonly act: 'Ruling' | 'Settlement'; readonly payeeAmount: bigint }
)

/** EIP-712 typed data of something that is signed for a deal. */
export function actTypedData({ act, ...message }: DealAct, chainId: number, escrow: Address) {
  return {
    domain: escrowDomain(chainId, escrow),
    types: { [act]: ACT_TYPES[act] },
    primaryType: act,
    message,
  } as const
}

/** The last second at which anybody can decide a deal by itself; what is signed for it need not be good for longer. */
export function lastEnd({ deliverBy, disputeWindow, rulingWindow }: DealTerms): number {
  return deliverBy + 2 * disputeWindow + rulingWindow
}

/**
 * Checks terms as the contract will, before any gas is spent.
 * @throws DealError BAD_TERMS naming the field.
 */
export function checkTerms(terms: DealTerms, nowSeconds: number): void {
  const bad = (field: keyof DealTerms, why: string) =>
    new DealError(`The deal's ${field} ${why}`, { code: 'BAD_TERMS', field, why })
  const none = (address: Address) => isAddressEqual(address, zeroAddress)
  const seconds = (value: number) => Number.isInteger(value) && value >= 0 && value <= MAX_UINT40
  const bps = (value: number, max: number) => Number.isInteger(value) && value >= 0 && value <= max

  if (isAddressEqual(terms.payer, terms.payee)) throw bad('payee', 'is the payer')
  if (none(terms.payee)) throw bad('payee', 'is missing')
  if (none(terms.arbiter) && none(terms.evaluator)) throw bad('arbiter', 'is missing')
  if ([terms.payer, terms.payee].some((party) => isAddressEqual(terms.arbiter, party))) {
    throw bad('arbiter', 'is one of the parties')
  }
  if (terms.amount <= 0n || terms.amount >= 2n ** 128n) throw bad('amount', 'is not above 0')
  if (!seconds(terms.deliverBy) || terms.deliverBy <= nowSeconds)
    throw bad('deliverBy', 'is not in the future')
  if (!seconds(terms.disputeWindow)) throw bad('disputeWindow', 'is not a number of seconds')
  if (terms.disputeWindow === 0 && (terms.bond > 0n || terms.collateral > 0n))
    throw bad('disputeWindow', 'leaves no time to answer or to accept')
  if (!seconds(terms.rulingWindow) || (terms.rulingWindow === 0 && !none(terms.arbiter)))
    throw bad('rulingWindow', 'is not above 0 seconds')
  if (!seconds(lastEnd(terms))) throw bad('rulingWindow', 'ends too late')
  if (!bps(terms.defaultToPayee, BPS)) throw bad('defaultToPayee', 'is not from 0 to 10000 basis points')
  if (terms.collateral < 0n || terms.amount + terms.collateral >= 2n ** 128n)
    throw bad('collateral', 'is too large')
  if (terms.bond < 0n || terms.bond >= 2n ** 128n) throw bad('bond', 'is too large')
  if (terms.arbiterFee < 0n || terms.arbiterFee > (terms.bond || terms.amount))
    throw bad('arbiterFee', `is above the ${terms.bond ? 'bond' : 'amount'}`)
  if (!bps(terms.appFeeBps, MAX_APP_FEE_BPS)) throw bad('appFeeBps', 'is not from 0 to 1000 basis points')
  if (terms.appFeeBps > 0 && none(terms.appFeeRecipient)) {
    throw bad('appFeeRecipient', 'is missing')
  }
}
