import { TeahouseError } from '@teahouse/protocol/errors'
import { hashTypedData, isAddressEqual, zeroAddress, type Address, type Hex } from 'viem'

/** The terms of a deal, as the escrow contract has them. Amounts in the token's smallest unit, times in unix seconds. */
export interface DealTerms {
  readonly payer: Address
  readonly payee: Address
  readonly arbiter: Address
  readonly amount: bigint
  readonly deliverBy: number
  /** Seconds after `deliverBy` in which either party may call the arbiter. */
  readonly disputeWindow: number
  /** Seconds that the arbiter then has. */
  readonly rulingWindow: number
  /** The payee's share if the arbiter is silent, in basis points. */
  readonly defaultToPayee: number
  readonly arbiterFee: bigint
  readonly appFeeRecipient: Address
  readonly appFeeBps: number
  readonly salt: Hex
}

export class DealError extends TeahouseError<
  | { readonly code: 'BAD_TERMS'; readonly field: keyof DealTerms; readonly why: string }
  | { readonly code: 'UNKNOWN_DEAL'; readonly deal: string }
  | {
      readonly code: 'NOT_A_PARTY'
      readonly deal: string
      readonly role: 'payer' | 'payee' | 'arbiter' | 'party'
    }
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
  { name: 'amount', type: 'uint128' },
  { name: 'deliverBy', type: 'uint40' },
  { name: 'disputeWindow', type: 'uint40' },
  { name: 'rulingWindow', type: 'uint40' },
  { name: 'defaultToPayee', type: 'uint16' },
  { name: 'arbiterFee', type: 'uint128' },
  { name: 'appFeeRecipient', type: 'address' },
  { name: 'appFeeBps', type: 'uint16' },
  { name: 'salt', type: 'bytes32' },
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

/** What both parties sign to split a deal between them: EIP-712 typed data. */
export function settlementTypedData(deal: Hex, payeeAmount: bigint, chainId: number, escrow: Address) {
  return {
    domain: escrowDomain(chainId, escrow),
    types: {
      Settlement: [
        { name: 'deal', type: 'bytes32' },
        { name: 'payeeAmount', type: 'uint128' },
      ],
    },
    primaryType: 'Settlement',
    message: { deal, payeeAmount },
  } as const
}

/**
 * Checks terms as the contract will, before any gas is spent.
 * @throws DealError BAD_TERMS naming the field.
 */
export function checkTerms(terms: DealTerms, nowSeconds: number): void {
  const bad = (field: keyof DealTerms, why: string) =>
    new DealError(`The deal's ${field} ${why}`, { code: 'BAD_TERMS', field, why })
  const seconds = (value: number) => Number.isInteger(value) && value >= 0 && value <= MAX_UINT40
  const bps = (value: number, max: number) => Number.isInteger(value) && value >= 0 && value <= max

  if (isAddressEqual(terms.payer, terms.payee)) throw bad('payee', 'is the payer')
  if (isAddressEqual(terms.payee, zeroAddress)) throw bad('payee', 'is missing')
  if (isAddressEqual(terms.arbiter, zeroAddress)) throw bad('arbiter', 'is missing')
  if ([terms.payer, terms.payee].some((party) => isAddressEqual(terms.arbiter, party))) {
    throw bad('arbiter', 'is one of the parties')
  }
  if (terms.amount <= 0n || terms.amount >= 2n ** 128n) throw bad('amount', 'is not above 0')
  if (!seconds(terms.deliverBy) || terms.deliverBy <= nowSeconds)
    throw bad('deliverBy', 'is not in the future')
  if (!seconds(terms.disputeWindow)) throw bad('disputeWindow', 'is not a number of seconds')
  if (!seconds(terms.rulingWindow) || terms.rulingWindow === 0)
    throw bad('rulingWindow', 'is not above 0 seconds')
  if (!seconds(terms.deliverBy + terms.disputeWindow + terms.rulingWindow))
    throw bad('rulingWindow', 'ends too late')
  if (!bps(terms.defaultToPayee, BPS)) throw bad('defaultToPayee', 'is not from 0 to 10000 basis points')
  if (terms.arbiterFee < 0n || terms.arbiterFee > terms.amount) throw bad('arbiterFee', 'is above the amount')
  if (!bps(terms.appFeeBps, MAX_APP_FEE_BPS)) throw bad('appFeeBps', 'is not from 0 to 1000 basis points')
  if (terms.appFeeBps > 0 && isAddressEqual(terms.appFeeRecipient, zeroAddress)) {
    throw bad('appFeeRecipient', 'is missing')
  }
}
